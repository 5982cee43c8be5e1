import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { authSubgraph } from '@tessera/auth/subgraph';
import { auditEvent } from '@tessera/service/audit';
import { databaseNames, openDatabase, ReadReplicas, sqlOf, withDatabase } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { DataScope } from '@tessera/service/tenancy';
import { userSubgraph } from '@tessera/user/subgraph';
import { keyEncryptionSecret } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { runSql, startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';
import { startPostgresStandby, type PostgresStandby } from '../../support/postgres-standby.js';
import { startRelay, type Relay } from '../../support/relay.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aPerson } from './people.js';

const leftovers = createLeftovers();
let postgres: PostgresServer;
let standby: PostgresStandby;
let relay: Relay;
let harness: SubgraphHarness;
let other: Pick<SubgraphHarness, 'request'>;

beforeAll(async () => {
  postgres = await startPostgresServer();
  leftovers.defer('postgres', () => postgres.stop());
  standby = await startPostgresStandby(postgres);
  leftovers.defer('standby', () => standby.stop());
  relay = await startRelay(standby.port);
  leftovers.defer('relay', () => relay.close());
  harness = await start({});
  other = await harness.startAnother();
}, 300_000);

afterAll(() => leftovers.close());

beforeEach(async () => {
  await standby.resumeReplay();
  await standby.caughtUp();
});

/** Instances read from the standby by the relay, and would do so however far it is behind. */
async function start(environment: Readonly<Record<string, string>>): Promise<SubgraphHarness> {
  const url = `postgres://tessera_user:service-password@127.0.0.1:${relay.port}/tessera_user`;
  const started = await startSubgraphHarness(userSubgraph, {
    postgres,
    environment: {
      DATABASE_REPLICA_URL: url,
      DATABASE_REPLICA_MAX_LAG_MS: '3600000',
      MAX_QUEUE_MS: '60000',
      ...environment,
    },
  });
  leftovers.defer('harness', () => started.stop());
  return started;
}

type Instance = Pick<SubgraphHarness, 'request'>;

async function namesBy(instance: Instance, caller: Principal): Promise<string[]> {
  const { data, errors } = await instance.request(caller, '{ users { nodes { displayName } } }');
  expect(errors).toBeUndefined();
  return data.users.nodes.map(({ displayName }: { displayName: string }) => displayName).sort();
}

/** What the standby has, and the primary has no more; a busy machine may be asked again. */
async function seesOld(instance: Instance, caller: Principal, names: readonly string[]): Promise<void> {
  await eventually(async () => String(await namesBy(instance, caller)) === String(names));
}

async function rename(instance: Instance, caller: Principal, displayName: string): Promise<void> {
  const mutation = 'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id } }';
  const { errors } = await instance.request(caller, mutation, { input: { displayName } });
  expect(errors).toBeUndefined();
}

/** Two members whom the standby knows. */
async function aPair() {
  const tenantId = randomUUID();
  const ada = await aPerson(harness, { tenantId, displayName: 'Ada' });
  const grace = await aPerson(harness, { tenantId, displayName: 'Grace' });
  await standby.caughtUp();
  return { ada, grace, tenantId };
}

describe('reads that may be stale', () => {
  test('show callers what they wrote by another instance, however far the standby is behind, and others what it has', async () => {
    const { ada, grace } = await aPair();
    await standby.pauseReplay();

    for (let written = 1; written <= 10; written += 1) {
      const name = `Grace ${written}`;
      await rename(harness, grace, name);
      for (let read = 0; read < 50; read += 10) {
        const seen = await Promise.all(Array.from({ length: 10 }, () => namesBy(other, grace)));
        expect(new Set(seen.flat())).toEqual(new Set(['Ada', name]));
      }
      await seesOld(other, ada, ['Ada', 'Grace']);
    }

    await standby.resumeReplay();
    await standby.caughtUp();
    expect(await namesBy(harness, ada)).toEqual(['Ada', 'Grace 10']);
  }, 300_000);

  test('return to the standby as soon as it shows what the caller wrote', async () => {
    const { ada, grace } = await aPair();
    await rename(harness, grace, 'Grace Hopper');
    await standby.caughtUp();
    await standby.pauseReplay();

    await rename(harness, ada, 'Ada Lovelace');

    await seesOld(other, grace, ['Ada', 'Grace Hopper']);
  }, 120_000);

  test('go to the primary where the standby is further behind than it may be', async () => {
    const strict = await start({ DATABASE_REPLICA_MAX_LAG_MS: '1' });
    const { ada, grace } = await aPair();
    await standby.pauseReplay();

    await rename(harness, grace, 'Grace Hopper');
    await rename(harness, grace, 'Grace Brewster Hopper');

    await seesOld(harness, ada, ['Ada', 'Grace']);
    expect(await namesBy(strict, ada)).toEqual(['Ada', 'Grace Brewster Hopper']);
  }, 120_000);

  test('see on the standby what row-level security lets them see, and refuse a role that it does not bind', async () => {
    const { tenantId } = await aPair();
    const stranger = await aPerson(harness, { tenantId: randomUUID(), displayName: 'Stranger' });
    await standby.caughtUp();
    await standby.pauseReplay();

    expect(await namesBy(harness, stranger)).toEqual(['Stranger']);
    expect(await namesBy(harness, aUser({ tenantId }))).toEqual(['Ada', 'Grace']);
    expect(await runSql(standby.urlOf(harness.databaseUrl), 'select user_id from tenant_member')).toEqual([]);
    const admins = standby.urlOf(withDatabase(postgres.adminUrl, databaseNames('user').database));
    await expect(start({ DATABASE_REPLICA_URL: admins })).rejects.toThrow('is a superuser');
  }, 120_000);

  test('go to the primary where the standby is gone, or takes connections and says nothing', async () => {
    const { ada, grace } = await aPair();
    await standby.pauseReplay();
    await rename(harness, grace, 'Grace Hopper');
    await seesOld(harness, ada, ['Ada', 'Grace']);

    relay.leadTo(undefined);
    relay.cut();
    expect(await namesBy(harness, ada)).toEqual(['Ada', 'Grace Hopper']);

    const silent = createServer((socket) => socket.on('error', () => undefined));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    relay.leadTo((silent.address() as AddressInfo).port);
    expect(await namesBy(other, ada)).toEqual(['Ada', 'Grace Hopper']);

    relay.leadTo(standby.port);
    relay.cut();
    silent.close();
    await seesOld(harness, ada, ['Ada', 'Grace']);
  }, 120_000);

  test('are answered by the primary where the standby cancels them for what it has to replay', async () => {
    const admin = standby.urlOf(postgres.adminUrl);
    await runSql(admin, 'alter system set max_standby_streaming_delay = 0', 'select pg_reload_conf()');
    const logger = quietLogger();
    const { entities, migrations } = userSubgraph;
    const options = { entities, migrations, poolMax: 2, logger };
    const orm = openDatabase({ ...options, url: harness.databaseUrl });
    leftovers.defer('orm', () => orm.close());
    const outcomes: string[] = [];
    const replicas = new ReadReplicas({
      ...options,
      urls: [standby.urlOf(harness.databaseUrl)],
      maxLagMs: 3_600_000,
      timeoutMs: 60_000,
      observe: (outcome) => outcomes.push(outcome),
    });
    leftovers.defer('replicas', () => replicas.close());

    const sleeps = `case when pg_is_in_recovery() then pg_sleep(50) end`;
    const sql = `select pg_is_in_recovery() as on_standby, ${sleeps} from schema_migration limit 1`;
    const reading = new DataScope(orm, aUser(), { replicas }).readStale((em) => sqlOf(em)(sql));
    const asleep = `select 1 from pg_stat_activity where query like '%pg_sleep(50)%' and pid <> pg_backend_pid()`;
    await eventually(async () => (await runSql(admin, asleep)).length === 1);
    const owned = withDatabase(postgres.adminUrl, databaseNames('user').database);
    await runSql(owned, 'begin', 'lock table schema_migration in access exclusive mode', 'commit');

    expect(await reading).toEqual([{ on_standby: false, case: null }]);
    expect(outcomes).toEqual(['refused']);
  }, 180_000);
});

test('a tenant’s audit log is read from the standby', async () => {
  const auth = await startSubgraphHarness(authSubgraph, {
    postgres,
    environment: {
      KEY_ENCRYPTION_SECRET: keyEncryptionSecret,
      TENANT_SUBGRAPH_URL: 'http://127.0.0.1:9',
      MAIL_URL: 'console:',
      DATABASE_REPLICA_URL: `postgres://tessera_auth:service-password@127.0.0.1:${relay.port}/tessera_auth`,
      DATABASE_REPLICA_MAX_LAG_MS: '3600000',
    },
  });
  leftovers.defer('auth', () => auth.stop());
  const admin = aUser({ tenantId: randomUUID(), role: 'TENANT_ADMIN' });
  const note = (action: string) => {
    const client = { address: '192.0.2.7', userAgent: 'a browser' };
    return auth.deliver(auditEvent({ principal: admin, client, requestId: 'request' }, { action }));
  };
  const sees = async (...actions: string[]) => {
    const { data } = await auth.request(admin, '{ auditLog { nodes { action } totalCount } }');
    const seen: string[] = data.auditLog.nodes.map(({ action }: { action: string }) => action);
    return String(seen) === String(actions) && data.auditLog.totalCount === actions.length;
  };
  await note('member.joined');
  await standby.caughtUp();
  await standby.pauseReplay();

  await note('member.removed');

  await eventually(() => sees('member.joined'));
  await standby.resumeReplay();
  await eventually(() => sees('member.removed', 'member.joined'));
}, 120_000);
