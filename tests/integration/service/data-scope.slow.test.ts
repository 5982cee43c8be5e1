import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tessera/service/database';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { readPostgresMessages, type PostgresMessage } from '../../support/postgres-messages.js';
import { startRelay } from '../../support/relay.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { eventually } from '../../support/eventually.js';
import { startStorage, type StorageHarness } from '../storage/storage-harness.js';

let storage: StorageHarness;
let tenant: SubgraphHarness;

beforeAll(async () => {
  storage = await startStorage({ DATABASE_POOL_MAX: '2' });
  tenant = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(async () => {
  await storage.stop();
  await tenant.stop();
});

describe('the reads of one request', () => {
  test('that its fields ask for at once are sent together, behind one statement that sets the tenant', async () => {
    const sent: PostgresMessage[] = [];
    const database = new URL(storage.databaseUrl);
    const relay = await startRelay(Number(database.port), () => readPostgresMessages((message) => sent.push(message)));
    database.port = String(relay.port);
    const watched = await storage.startAnother({ DATABASE_URL: database.href, PORT: '0' });
    try {
      const query = `query ($id: ID!) {
        some: files(first: 5) { nodes { id } } more: files(first: 6) { nodes { id } } file(id: $id) { id }
      }`;
      // Until they are known to be quick, each goes alone: whose tenant's and which file's does not matter.
      await eventually(async () => {
        const tenantId = newId();
        const before = sent.length;
        const { data } = await watched.request(aUser({ tenantId, role: 'USER' }), query, { id: newId() });
        expect(data).toEqual({ some: { nodes: [] }, more: { nodes: [] }, file: null });
        const parsed = sent.find(({ type, body }) => type === 'P' && body.includes(`set_config('app.tenant_id'`));
        // It begins with its name, which ends with zero.
        const name = parsed?.body.subarray(0, parsed.body.indexOf(0)) ?? 'never';
        const binds = sent.slice(before).filter(({ type, body }) => type === 'B' && body.includes(name));
        return binds.filter(({ body }) => body.includes(tenantId)).length === 1;
      });
    } finally {
      await relay.close();
    }
  });

  test('leave no connection behind where an error answers while other fields are still being resolved', async () => {
    const caller = aUser({ tenantId: newId(), role: 'USER' });
    // The first field fails before it reads, and takes the whole answer with it; the second reads a moment later.
    const query = 'query ($prefix: String!, $id: ID!) { files(prefix: $prefix) { totalCount } file(id: $id) { id } }';
    for (let request = 0; request < 4; request += 1) {
      const answer = await storage.request(caller, query, { prefix: 'x'.repeat(300), id: newId() });
      expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }

    expect(await storage.request(caller, '{ files { totalCount } }')).toEqual({ data: { files: { totalCount: 0 } } });
    const waiting = await queryAs(
      storage.databaseUrl,
      {},
      `select 1 from pg_stat_activity where usename = current_user and state = 'idle in transaction'
       and pid <> pg_backend_pid()`,
    );
    expect(waiting).toEqual([]);
  });

  test('are not emptied by a faulty field beside them', async () => {
    const founder = aUser();
    const created = await tenant.request(
      founder,
      'mutation { createTenant(input: { name: "T", slug: "beside-a-fault" }) { id } }',
    );
    const admin = aUser({ userId: founder.userId, tenantId: created.data.createTenant.id, role: 'TENANT_ADMIN' });

    const answer = await tenant.request(
      admin,
      '{ tenant { faulty: members(first: 0) { totalCount } members { nodes { role } totalCount } } }',
    );

    expect(answer.errors?.map(({ path }) => path)).toEqual([['tenant', 'faulty']]);
    expect(answer.data.tenant.members).toEqual({ nodes: [{ role: 'TENANT_ADMIN' }], totalCount: 1 });
  });
});
