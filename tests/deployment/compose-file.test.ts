import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '@tessera/service/config';
import { parse } from 'yaml';
import {
  askedPaths,
  askedPathsOf,
  processNames,
  processSchemas,
  serviceNames,
  subgraphNames,
} from './service-schemas.js';

interface ComposeService {
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly networks: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly build?: object;
  readonly deploy?: { readonly resources?: { readonly limits?: { readonly memory?: string } } };
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
}

const root = resolve(import.meta.dirname, '../..');
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

const bytesOf = (size = '0'): number => {
  const [, number = '0', unit = ''] = /^(\d+)([mg])b?$/.exec(size) ?? [];
  return Number(number) * (unit === 'g' ? 1_024 ** 3 : 1_024 ** 2);
};

const memoryLimitOf = (name: string): number => bytesOf(file.services[name]?.deploy?.resources?.limits?.memory);

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

  test('leads the gateway to paths that subgraphs serve', () => {
    expect(askedPathsOf(file.services['gateway']?.environment ?? {})).toEqual(askedPaths);
  });

  test.each(processNames)('runs %s read-only and without capabilities', (name) => {
    expect(file.services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  test('publishes neither a subgraph nor a database', () => {
    const published = Object.entries(file.services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [name]));

    expect(published.sort()).toEqual(['gateway', 'mail', 'objects']);
  });

  test('keeps the database on a network that leads nowhere else, and that only its users are on', () => {
    const users = Object.keys(file.services).filter((name) => file.services[name]?.networks.includes('data'));

    expect(file.services['postgres']?.networks).toEqual(['data']);
    expect(file.networks['data']).toEqual({ internal: true });
    expect(users.sort()).toEqual([...subgraphNames, 'migrate', 'objects', 'postgres'].sort());
  });

  test('keeps Redis on a network that leads nowhere else, and that all services are on', () => {
    const users = Object.keys(file.services).filter((name) => file.services[name]?.networks.includes('redis'));

    expect(file.services['redis']?.networks).toEqual(['redis']);
    expect(file.networks['redis']).toEqual({ internal: true });
    expect(users.sort()).toEqual([...serviceNames, 'redis'].sort());
  });

  test('lets no service have more memory than its share', () => {
    const unlimited = Object.keys(file.services).filter((name) => memoryLimitOf(name) === 0);

    expect(unlimited).toEqual([]);
  });

  test('has Redis refuse writes while there is memory left, and forget nothing that it has acknowledged', () => {
    const command = file.services['redis']?.command ?? [];
    const settings = Object.fromEntries(
      command.slice(1).map((word, index, words) => (index % 2 === 0 ? [word, words[index + 1]] : [])),
    ) as Readonly<Record<string, string>>;

    expect(settings).toMatchObject({
      '--maxmemory-policy': 'noeviction',
      '--appendonly': 'yes',
      '--appendfsync': 'always',
    });
    expect(bytesOf(settings['--maxmemory'])).toBeGreaterThan(0);
    expect(bytesOf(settings['--maxmemory'])).toBeLessThanOrEqual(memoryLimitOf('redis') / 2);
  });

  test('starts again what has ended, looks after its health, and lets it end in its own time', () => {
    const lasting = Object.entries(file.services).filter(([name]) => name !== 'migrate');
    const careless = lasting.filter(([, { restart, healthcheck, build }]) => {
      // The image of the services looks after itself.
      return restart !== 'unless-stopped' || (healthcheck?.test === undefined && build === undefined);
    });

    expect(careless).toEqual([]);
    for (const name of serviceNames) {
      const { DRAIN_DELAY_MS = '2000', SHUTDOWN_TIMEOUT_MS = '20000' } = file.services[name]?.environment ?? {};
      const graceSeconds = Number(file.services[name]?.stop_grace_period?.replace(/s$/, ''));
      expect(graceSeconds * 1_000).toBeGreaterThanOrEqual(Number(DRAIN_DELAY_MS) + Number(SHUTDOWN_TIMEOUT_MS) + 5_000);
    }
  });

  test('has mails leave by the server that the operator names, from the sender that they name', () => {
    for (const name of ['auth', 'tenant']) {
      expect(file.services[name]?.environment).toMatchObject({
        MAIL_URL: expect.stringMatching(/^\$\{MAIL_URL:\?/),
        MAIL_FROM: '${MAIL_FROM:-}',
      });
    }
    expect(file.services['mail']?.profiles).toEqual(['mailbox']);
  });

  test('is told by .env.example everything that it asks for', async () => {
    const example = await readFile(resolve(root, 'infra/compose/.env.example'), 'utf8');
    const told = new Set([...example.matchAll(/^([A-Z0-9_]+)=/gm)].map(([, name]) => name));
    const asked = [...JSON.stringify(file).matchAll(/\$\{([A-Z0-9_]+):\?/g)].map(([, name]) => name);

    expect(asked.filter((name) => !told.has(name))).toEqual([]);
  });

  test('builds an image that does not run as root', async () => {
    const dockerfile = await readFile(resolve(root, 'infra/docker/service.Dockerfile'), 'utf8');

    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });
});
