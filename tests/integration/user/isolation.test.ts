import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@tessera/service/identity';
import { userSubgraph } from '@tessera/user/subgraph';
import { runSql } from '../../support/postgres-server.js';
import { answerAlike } from '../../support/same-work.js';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aFoundedTenant, fires, listQuery, markMutation } from './notified.js';
import { aPerson } from './people.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph);
}, 60_000);

afterAll(() => harness.stop());

const entitiesQuery = `query ($id: ID!) {
  _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { displayName preferences } }
}`;

describe('profiles of other tenants', () => {
  test('do not exist for a caller of another tenant, of none, or without sign-in', async () => {
    const target = await aPerson(harness, { tenantId: randomUUID() });
    const stranger = await aPerson(harness, { tenantId: randomUUID() });
    const loner = await aPerson(harness);

    const answers = await Promise.all(
      [stranger, loner, anonymous].map((caller) => harness.request(caller, entitiesQuery, { id: target.userId })),
    );

    expect(answers).toEqual([1, 2, 3].map(() => ({ data: { _entities: [null] } })));
  });

  test('cost what profiles cost that are nobody’s', async () => {
    const target = await aPerson(harness, { tenantId: randomUUID() });
    const stranger = await aPerson(harness, { tenantId: randomUUID() });

    expect(await answerAlike(harness, stranger, entitiesQuery, target.userId)).toEqual({ data: { _entities: [null] } });
  });

  test('keep preferences from colleagues', async () => {
    const tenantId = randomUUID();
    const owner = await aPerson(harness, { tenantId });
    const colleague = await aPerson(harness, { tenantId });
    await harness.request(
      owner,
      'mutation { updatePreferences(input: { preferences: { app: { secret: 1 } } }) { id } }',
    );

    const answer = await harness.request(colleague, entitiesQuery, { id: owner.userId });

    expect(answer.data._entities).toEqual([{ displayName: 'Ada Lovelace', preferences: {} }]);
  });

  test('are invisible and cannot be changed by SQL of the service’s own role', async () => {
    const tenantA = randomUUID();
    const target = await aPerson(harness, { tenantId: tenantA });
    const asTenantB = `set app.tenant_id = '${randomUUID()}'`;
    const change = `update user_profile set display_name = 'x' where user_id = '${target.userId}' returning 1`;
    const counts = 'select (select count(*) from user_profile) + (select count(*) from tenant_member) as rows';

    const unset = await runSql(harness.databaseUrl, counts);
    const other = await runSql(harness.databaseUrl, asTenantB, counts);
    const unsetChange = await runSql(harness.databaseUrl, change);
    const otherChange = await runSql(harness.databaseUrl, asTenantB, change);
    const insert = runSql(
      harness.databaseUrl,
      asTenantB,
      `insert into user_profile (user_id, display_name, created_at, updated_at) values ('${randomUUID()}', 'x', now(), now())`,
    );

    expect([unset, other]).toEqual([[{ rows: '0' }], [{ rows: '0' }]]);
    expect([unsetChange, otherChange]).toEqual([[], []]);
    await expect(insert).rejects.toThrow(/row-level security/);
  });

  test('can be read but not changed by SQL inside their tenant', async () => {
    const tenantId = randomUUID();
    const target = await aPerson(harness, { tenantId });
    const asColleague = [`set app.tenant_id = '${tenantId}'`, `set app.user_id = '${randomUUID()}'`];

    const rows = await runSql(harness.databaseUrl, ...asColleague, 'select user_id from user_profile');
    const change = runSql(harness.databaseUrl, ...asColleague, `update user_profile set display_name = 'x'`);

    expect(rows).toEqual([{ user_id: target.userId }]);
    await expect(change).rejects.toThrow(/row-level security/);
  });
});

describe('notifications of others', () => {
  const entityQuery = `query ($id: ID!) {
    _entities(representations: [{ __typename: "Notification", id: $id }]) { ... on Notification { kind data } }
  }`;

  test('do not exist: for colleagues, for strangers, for who has not signed in, and for a key of one’s own', async () => {
    const { tenantId, admin } = await aFoundedTenant(harness);
    const colleague = aUser({ userId: randomUUID(), tenantId, role: 'TENANT_ADMIN' });
    await harness.deliver(fires(tenantId));
    const [{ id }] = (await harness.request(admin, listQuery)).data.notifications.nodes;
    const key: Principal = { ...admin, kind: 'key' };

    for (const other of [colleague, aUser(), anonymous, key]) {
      const entity = await harness.request(other, entityQuery, { id });
      const lists = await harness.request(other, listQuery);
      const marks = await harness.request(other, markMutation, { ids: [id] });

      expect(entity.data._entities).toEqual([null]);
      const isPerson = other.kind === 'user';
      expect(lists.data?.notifications?.totalCount).toBe(isPerson ? 0 : undefined);
      expect(lists.errors?.[0]?.extensions.code).toBe(isPerson ? undefined : 'UNAUTHENTICATED');
      expect(marks.data?.markNotificationsRead).toEqual(
        isPerson ? { marked: 0, unreadCount: 0, notifications: [] } : undefined,
      );
    }
    expect((await harness.request(admin, listQuery)).data.unreadNotificationCount).toBe(1);
  });

  test('are not to be had, made, changed or taken over by the service’s own role', async () => {
    const { tenantId, admin } = await aFoundedTenant(harness);
    await harness.deliver(fires(tenantId));
    const run = (...statements: string[]) => runSql(harness.databaseUrl, ...statements);
    const asOther = [`set app.tenant_id = '${tenantId}'`, `set app.user_id = '${randomUUID()}'`];
    const asOwner = [`set app.user_id = '${admin.userId}'`];
    const insert = `insert into notification (id, user_id, event_id, kind, data, created_at)
      values (gen_random_uuid(), '${admin.userId}', gen_random_uuid(), 'x', '{}', now())`;

    expect(await run('select id from notification')).toEqual([]);
    expect(await run(...asOther, 'select id from notification')).toEqual([]);
    expect(await run(...asOther, 'update notification set read_at = now() returning id')).toEqual([]);
    expect(await run(...asOwner, 'delete from notification returning id')).toEqual([]);
    await expect(run(...asOwner, insert)).rejects.toThrow(/row-level security/);
    await expect(run(...asOwner, `update notification set user_id = '${randomUUID()}'`)).rejects.toThrow(
      /row-level security/,
    );
    expect(await run(...asOwner, 'select count(*)::int from notification')).toEqual([{ count: 1 }]);
  });
});
