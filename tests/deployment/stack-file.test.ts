import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@tessera/service/config';
import { parse } from 'yaml';
import { repositoryRoot } from '../support/repository-root.js';
import {
  askedPaths,
  askedPathsOf,
  processNames,
  processSchemas,
  serviceNames,
  subgraphNames,
} from './service-schemas.js';

interface StackService {
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly networks: readonly string[];
  readonly ports?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly stop_grace_period: string;
  readonly deploy: {
    readonly mode?: string;
    readonly replicas: number;
    readonly resources: { readonly limits: { readonly memory: string } };
    readonly update_config?: { readonly order: string };
  };
}

interface StackFile {
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks: Readonly<Record<string, { readonly driver: string; readonly internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { readonly external: boolean }>>;
}

const fileOf = (name: string): string => join(repositoryRoot, 'infra/swarm', name);
let stack: StackFile;
/** In place of `/run/secrets`. */
let secretFolder: string;

beforeAll(async () => {
  stack = parse(await readFile(fileOf('stack.yml'), 'utf8'), { merge: true }) as StackFile;
  secretFolder = await mkdtemp(join(tmpdir(), 'tessera-secrets-'));
  for (const name of Object.keys(stack.secrets)) {
    await writeFile(join(secretFolder, name), `${secretNamed(name)}\n`);
  }
});
afterAll(() => rm(secretFolder, { recursive: true, force: true }));

function secretNamed(name: string): string {
  if (name.endsWith('_database_url')) return 'postgres://somebody:password@postgres:5432/some_database';
  return name === 'mail_url' ? 'smtp://smtp.example.com:587' : 'a-secret-of-more-than-thirty-two-characters';
}

/** What is required is filled in, what has a default has it, and secrets are files that a container was given. */
function environmentOf(name: string): Readonly<Record<string, string>> {
  const { environment = {}, secrets = [] } = stack.services[name] ?? {};
  const entries = Object.entries(environment).map(([key, value]) => {
    const filled = value
      .replaceAll(/\$\{\w+:\?[^}]*\}/g, 'https://example.com')
      .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
    if (!key.endsWith('_FILE')) return [key, filled];
    return [
      key,
      filled.replace(/^\/run\/secrets\/(\w+)$/, (path, secret) =>
        secrets.includes(secret) ? join(secretFolder, secret) : path,
      ),
    ];
  });
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

describe('infra/swarm/stack.yml', () => {
  test.each(processNames)(
    'gives %s every setting that it requires, from files that it is given, and none that is not valid',
    (name) => {
      expect(() => loadConfig(processSchemas[name], environmentOf(name))).not.toThrow();
    },
  );

  test.each(processNames)('sets only variables that %s reads', (name) => {
    const known = Object.keys(processSchemas[name].shape).flatMap((key) => [key, `${key}_FILE`]);

    expect(Object.keys(environmentOf(name)).filter((key) => !known.includes(key))).toEqual([]);
  });

  test.each(processNames)('gives %s no secret that it does not read', (name) => {
    const read = Object.values(environmentOf(name)).map((value) => value.replace(`${secretFolder}/`, ''));

    expect((stack.services[name]?.secrets ?? []).filter((secret) => !read.includes(secret))).toEqual([]);
  });

  test('has the operator make all secrets, and no others', async () => {
    const used = new Set(Object.values(stack.services).flatMap(({ secrets = [] }) => secrets));
    const readme = await readFile(fileOf('README.md'), 'utf8');

    expect([...used].sort()).toEqual(Object.keys(stack.secrets).sort());
    expect(Object.values(stack.secrets)).toEqual([...used].map(() => ({ external: true })));
    for (const secret of used) expect(readme).toContain(secret.replace(/^(?:auth|tenant|user|storage|analytics)_/, ''));
  });

  test('leads the gateway to paths that subgraphs serve', () => {
    expect(askedPathsOf(environmentOf('gateway'))).toEqual(askedPaths);
  });

  test.each(serviceNames)('runs three of %s, confined, and replaces them without a gap', (name) => {
    expect(stack.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      stop_grace_period: '40s',
      deploy: { replicas: 3, update_config: { order: 'start-first' }, resources: { limits: { memory: '1g' } } },
    });
  });

  test('migrates by a job, and never has two servers on one volume', () => {
    expect(stack.services['migrate']?.deploy.mode).toBe('replicated-job');
    for (const name of ['postgres', 'redis']) {
      expect(stack.services[name]?.deploy).toMatchObject({ replicas: 1, update_config: { order: 'stop-first' } });
    }
  });

  test('publishes the gateway alone, which is on no network with a database', () => {
    const published = Object.keys(stack.services).filter((name) => stack.services[name]?.ports !== undefined);
    const onData = Object.keys(stack.services).filter((name) => stack.services[name]?.networks.includes('data'));

    expect(published).toEqual(['gateway']);
    expect(onData.sort()).toEqual([...subgraphNames, 'migrate', 'postgres'].sort());
    for (const name of ['services', 'data', 'redis']) {
      expect(stack.networks[name]).toMatchObject({ driver: 'overlay', internal: true, driver_opts: { encrypted: '' } });
    }
  });
});
