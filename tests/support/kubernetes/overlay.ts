import {
  exampleSecrets,
  renderOverlay,
  workloadsOf,
  type Container,
  type Labels,
  type MadeUpPasswords,
  type Manifest,
  type Secrets,
  type Workload,
} from './manifests.js';
import type { Party } from './network-policies.js';
import { podEnvironment } from './pod-environment.js';

/** An overlay of `infra/kubernetes`, and what a cluster would make of it. */
export interface Overlay {
  readonly manifests: readonly Manifest[];
  readonly workloads: readonly Workload[];
  /** Secrets made of the examples. */
  readonly secrets: Secrets;
  /** @throws Error where there is none of that name */
  workload(name: string): Workload;
  container(name: string): Container;
  /** With what its first container is started. @throws Error where it would not be */
  environmentOf(name: string): Readonly<Record<string, string>>;
  /** Its pods, as network policies see them. */
  party(name: string): Party;
  /** The names of what runs pods with these labels. */
  selectedBy(labels: Labels): readonly string[];
}

const password = 'a-password-of-more-than-thirty-two-characters';

export interface OpenOverlayOptions {
  readonly passwords?: MadeUpPasswords;
  /** What an operator writes into the Secret `tessera` in place of the example's values. */
  readonly credentials?: Readonly<Record<string, string>>;
}

/** Puts an overlay together. */
export async function openOverlay(name: string, options: OpenOverlayOptions = {}): Promise<Overlay> {
  const { passwords = { service: password, admin: password }, credentials = {} } = options;
  const manifests = await renderOverlay(name);
  const examples = await exampleSecrets(passwords);
  const secrets = new Map([...examples, ['tessera', { ...examples.get('tessera'), ...credentials }]]);
  const workloads = workloadsOf(manifests);
  const workload = (wanted: string): Workload => {
    const found = workloads.find(({ metadata }) => metadata.name === wanted);
    if (found === undefined) throw new Error(`There is no workload ${wanted}`);
    return found;
  };
  const container = (of: string): Container => workload(of).spec.template.spec.containers[0];
  return {
    manifests,
    workloads,
    secrets,
    workload,
    container,
    environmentOf: (of) => podEnvironment(container(of), manifests, secrets),
    party: (of) => ({ labels: workload(of).spec.template.metadata.labels }),
    selectedBy: (labels) =>
      workloads
        .filter(({ spec }) =>
          Object.entries(labels).every(([key, value]) => spec.template.metadata.labels[key] === value),
        )
        .map(({ metadata }) => metadata.name),
  };
}
