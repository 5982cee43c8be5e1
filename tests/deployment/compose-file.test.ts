import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@tessera/service/config';
import { parse } from 'yaml';
import { processSchemas } from './service-schemas.js';

interface ComposeService {
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly networks?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const root = resolve(import.meta.dirname, '../..');
const processNames = Object.keys(processSchemas) as (keyof typeof processSchemas)[];
let file: ComposeFile;

beforeAll(async () => {
  file = parse(await readFile(resolve(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as ComposeFile;
});

/** Fills in `${NAME:?hint}` and, around it, `${NAME:-default}` as Compose would, every required secret being set. */
function interpolate(value: string): string {
  return value
    .replaceAll(/\$\{\w+:\?[^}]*\}/g, 'a-secret-of-more-than-thirty-two-characters')
    .replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
}

describe('docker-compose.yml', () => {
  test.each(processNames)('gives %s every setting that it requires, and none that is not valid', (name) => {
    const environment = Object.entries(file.services[name]?.environment ?? {});

    const load = () =>
      loadConfig(
        processSchemas[name],
        Object.fromEntries(environment.map(([key, value]) => [key, interpolate(value)])),
      );

    expect(load).not.toThrow();
  });

  test.each(processNames)('sets only variables that %s reads', (name) => {
    const known = Object.keys(processSchemas[name].shape);

    expect(Object.keys(file.services[name]?.environment ?? {}).filter((key) => !known.includes(key))).toEqual([]);
  });

  test.each(processNames)('runs %s read-only and without capabilities', (name) => {
    expect(file.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  test('publishes neither a subgraph nor a database', () => {
    const published = Object.entries(file.services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [name]));

    expect(published.sort()).toEqual(['gateway', 'mail', 'objects']);
  });

  test('keeps the database on a network that leads nowhere else', () => {
    expect(file.services['postgres']?.networks).toEqual(['data']);
    expect(file.networks['data']).toEqual({ internal: true });
  });

  test('builds an image that does not run as root', async () => {
    const dockerfile = await readFile(resolve(root, 'infra/docker/service.Dockerfile'), 'utf8');

    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });
});
