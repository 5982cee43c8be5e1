import { rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serviceUrl } from '@tessera/service/database';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { freePort } from '../../support/free-port.js';
import { startPlatformProcess, type ProcessEnvironment } from '../../support/platform-process.js';
import { runSql, type PostgresServer } from '../../support/postgres-server.js';
import { principalSecret, servicePassword, startPreparedPostgres } from '../../support/subgraph-harness.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let postgres: PostgresServer;
let databaseUrl: string;
let closedPort: number;
beforeAll(async () => {
  postgres = await startPreparedPostgres(storageSubgraph);
  databaseUrl = serviceUrl(postgres.adminUrl, 'storage', servicePassword);
  closedPort = await freePort();
}, 60_000);
afterAll(() => postgres.stop());

/** How a process ends that cannot start. */
async function run(script: string, commandLine: readonly string[], environment: ProcessEnvironment) {
  const started = startPlatformProcess(script, commandLine, environment);
  const { code } = await started.ended;
  const output = started.output();
  expect(output).not.toMatch(/^\s+at /m);
  return { code, output };
}

const environmentOf = (environment: ProcessEnvironment): ProcessEnvironment => ({
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'silent',
  DATABASE_URL: databaseUrl,
  REDIS_URL: `redis://127.0.0.1:${closedPort}`,
  PRINCIPAL_SECRET: principalSecret,
  OBJECT_STORE_URL: 'file:///dev/null',
  OBJECT_URL_SECRET: 'a-secret-for-signed-urls-in-tests-only',
  ...environment,
});

const startStorage = (environment: ProcessEnvironment) =>
  run('infra/local/dist/start-service.js', ['storage'], environmentOf(environment));

const migrate = (adminUrl: string) =>
  run('infra/local/dist/migrate.js', ['storage'], {
    ADMIN_DATABASE_URL: adminUrl,
    SERVICE_DATABASE_PASSWORD: 'the-common-password-of-all-services',
  });

describe('a service that cannot start says in a line why', () => {
  test('where the URLs of its databases are none', async () => {
    const { code, output } = await startStorage({ DATABASE_URL: 'tessera', DATABASE_REPLICA_URL: 'also-nonsense' });

    expect(code).toBe(78);
    expect(output).toMatch(/DATABASE_URL: must be postgres:.*\n.*DATABASE_REPLICA_URL: must be postgres:/);
    expect(output).not.toContain('nonsense');
  });

  test('where its database is down', async () => {
    const url = `postgres://tessera_storage:hunter2@127.0.0.1:${closedPort}/tessera_storage`;

    const { code, output } = await startStorage({ DATABASE_URL: url });

    expect(code).toBe(1);
    expect(output).toBe(
      `DATABASE_URL: database tessera_storage at 127.0.0.1:${closedPort} cannot be used: connect ECONNREFUSED 127.0.0.1:${closedPort}\n`,
    );
  });

  test('where its database is not there, and tries to make none', async () => {
    const { code, output } = await startStorage({ DATABASE_URL: databaseUrl.replace(/tessera_storage$/, 'nowhere') });

    expect(code).toBe(1);
    expect(output).toMatch(/^DATABASE_URL: database nowhere at .*: database "nowhere" does not exist\n$/);
  });

  test('where its password is wrong', async () => {
    const url = new URL(databaseUrl);
    url.password = 'hunter2';

    const { code, output } = await startStorage({ DATABASE_URL: url.href });

    expect(code).toBe(1);
    expect(output).toMatch(/^DATABASE_URL: .*password authentication failed for user "tessera_storage"\n$/);
    expect(output).not.toContain('hunter2');
  });

  test('where the bucket that it should make is nowhere', async () => {
    const endpoint = `http://127.0.0.1:${closedPort}`;

    const { code, output } = await startStorage({
      OBJECT_STORE_URL: `s3://files?endpoint=${endpoint}&forcePathStyle=true`,
      S3_ACCESS_KEY_ID: 'key',
      S3_SECRET_ACCESS_KEY: 'hunter2',
      S3_CREATE_BUCKET: 'true',
    });

    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(`^OBJECT_STORE_URL: bucket files at 127.0.0.1:${closedPort} cannot be made .+\n$`),
    );
    expect(output).not.toContain('hunter2');
  }, 30_000);

  test('where its folder of objects is none', async () => {
    const { code, output } = await startStorage({});

    expect(code).toBe(1);
    expect(output).toBe('OBJECT_STORE_URL: folder /dev/null cannot be written to (ENOTDIR)\n');
  });
});

describe('a migration that cannot begin says in a line why', () => {
  test('where the server is down', async () => {
    const { code, output } = await migrate(`postgres://postgres:hunter2@127.0.0.1:${closedPort}/postgres`);

    expect(code).toBe(1);
    expect(output).toMatch(/^ADMIN_DATABASE_URL: database postgres at .*: connect ECONNREFUSED .*\n$/);
  });

  test('where its role may make neither roles nor databases', async () => {
    await runSql(postgres.adminUrl, "create role nobody login password 'hunter2'");
    const url = new URL(postgres.adminUrl);
    Object.assign(url, { username: 'nobody', password: 'hunter2' });

    const { code, output } = await migrate(url.href);

    expect(code).toBe(1);
    expect(output).toMatch(
      /^ADMIN_DATABASE_URL: its role cannot prepare the database of storage: permission denied .*\n$/,
    );
    expect(output).not.toContain('hunter2');
  });
});

test('a service starts without its Redis, and says that it is degraded', async () => {
  const folder = await temporaryFolder('objects');
  const started = startPlatformProcess('infra/local/dist/start-service.js', ['storage'], {
    ...environmentOf({ LOG_LEVEL: 'info', OBJECT_STORE_URL: pathToFileURL(folder).href }),
    REDIS_URL: `redis://:hunter2@127.0.0.1:${closedPort}`,
  });
  try {
    await started.written('subgraph is ready');
    const [, port] = /"port":(\d+),"msg":"subgraph is ready"/.exec(started.output()) ?? [];
    const ready = await fetch(`http://127.0.0.1:${port}/ready`);

    expect(await ready.json()).toMatchObject({ ready: true, status: 'degraded', checks: { redis: 'down' } });
    expect(started.output()).not.toContain('hunter2');
  } finally {
    await started.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
});
