import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { goSearchPath } from '../go-programs.js';
import { repositoryRoot } from '../repository-root.js';

export type Labels = Readonly<Record<string, string>>;

/** Any object of the Kubernetes API. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
}

export interface ConfigMap extends Manifest {
  readonly data: Readonly<Record<string, string>>;
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
}

interface SecretKey {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface Container {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly envFrom?: readonly {
    readonly configMapRef?: { readonly name: string };
    readonly secretRef?: { readonly name: string };
  }[];
  readonly env?: readonly { readonly name: string; readonly valueFrom: { readonly secretKeyRef: SecretKey } }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}

/** A Deployment, StatefulSet or Job: what runs pods of one kind. */
export interface Workload extends Manifest {
  readonly spec: {
    readonly selector?: { readonly matchLabels: Labels };
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
      readonly spec: {
        readonly terminationGracePeriodSeconds?: number;
        readonly containers: readonly [Container, ...Container[]];
      };
    };
  };
}

export interface Service extends Manifest {
  readonly spec: {
    readonly selector: Labels;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
  };
}

/** Secret -> key -> value. */
export type Secrets = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** What an overlay of `infra/kubernetes` puts together, by Kustomize itself. */
export async function renderOverlay(name: string): Promise<readonly Manifest[]> {
  const folder = join(repositoryRoot, 'infra/kubernetes/overlays', name);
  const { stdout } = await promisify(execFile)('kustomize', ['build', folder], {
    env: { ...process.env, PATH: goSearchPath() },
    maxBuffer: 16_777_216,
  });
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

export function ofKind<T extends Manifest>(manifests: readonly Manifest[], ...kinds: readonly string[]): readonly T[] {
  return manifests.filter(({ kind }) => kinds.includes(kind)) as unknown as readonly T[];
}

/** What runs pods. */
export const workloadsOf = (manifests: readonly Manifest[]): readonly Workload[] =>
  ofKind<Workload>(manifests, 'Deployment', 'StatefulSet', 'Job');

/** What the examples of Secrets have an operator make up. */
export interface MadeUpPasswords {
  readonly service: string;
  readonly admin: string;
}

/** The Secrets of `infra/kubernetes/secrets`, filled in as the README says: name -> key -> value. */
export async function exampleSecrets({ service, admin }: MadeUpPasswords): Promise<Secrets> {
  const entries = ['tessera', 'tessera-migration', 'tessera-data'].map(async (name) => {
    const file = join(repositoryRoot, 'infra/kubernetes/secrets', `${name}.env.example`);
    const text = await readFile(file, 'utf8');
    const lines = text
      .replaceAll('SERVICE-PASSWORD', service)
      .replaceAll('ADMIN-PASSWORD', admin)
      .replaceAll('RANDOM', 'what-nobody-can-guess-of-thirty-two-characters')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    return [name, Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)))] as const;
  });
  return new Map(await Promise.all(entries));
}
