import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { databaseNames, withDatabase } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { userSubgraph } from '@tessera/user/subgraph';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/postgres-server.js';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { announceMember, aPerson } from './people.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph);
}, 120_000);

afterAll(() => harness.stop());

const query = `query ($search: String!, $first: Int, $after: String) {
  users(search: $search, first: $first, after: $after) { totalCount nodes { displayName } pageInfo { hasNextPage endCursor } }
}`;

const search = async (caller: Principal, text: string, page = {}) =>
  (await harness.request(caller, query, { search: text, ...page })).data.users;

const namesOf = async (caller: Principal, text: string): Promise<string[]> =>
  (await search(caller, text)).nodes.map(({ displayName }: { displayName: string }) => displayName);

async function aTeam(...names: string[]) {
  const tenantId = randomUUID();
  const people = [];
  for (const displayName of names) people.push(await aPerson(harness, { tenantId, displayName }));
  const [caller] = people;
  if (caller === undefined) throw new Error('A team needs somebody');
  return { tenantId, people, caller };
}

describe('the search for members', () => {
  test('finds words by their beginning and in spite of a slip, the most similar first', async () => {
    const { caller } = await aTeam('Ada Lovelace', 'Grace Hopper', 'Anna-Lena Meier', 'Lovis Corinth', '王小明');

    expect(await namesOf(caller, 'lovelase')).toEqual(['Ada Lovelace']);
    expect(await namesOf(caller, 'LOV')).toEqual(expect.arrayContaining(['Ada Lovelace', 'Lovis Corinth']));
    expect(await namesOf(caller, 'lovis')).toEqual(['Lovis Corinth']);
    expect(await namesOf(caller, 'hoper')).toEqual(['Grace Hopper']);
    expect(await namesOf(caller, 'le')).toEqual(['Anna-Lena Meier']);
    expect(await namesOf(caller, 'g')).toEqual(['Grace Hopper']);
    expect(await namesOf(caller, '王')).toEqual(['王小明']);
    expect(await namesOf(caller, '%')).toEqual([]);
  });

  test('comes in pages by rank, everybody once', async () => {
    const { caller } = await aTeam('Maria One', 'Mariana Two', 'Maria Three', 'Marian Four', 'Maria Five', 'Other');
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof search>> = await search(caller, 'maria', { first: 2, after });
      expect(page.totalCount).toBe(5);
      seen.push(...page.nodes.map(({ displayName }: { displayName: string }) => displayName));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);

    expect(seen.slice(0, 3).sort()).toEqual(['Maria Five', 'Maria One', 'Maria Three']);
    expect(seen.slice(3).sort()).toEqual(['Marian Four', 'Mariana Two']);
  });

  test('knows a new name, and no longer who has left', async () => {
    const { caller, people, tenantId } = await aTeam('Ada Lovelace', 'Grace Hopper');
    const [, grace] = people;
    if (grace === undefined) throw new Error('Two are in the team');
    await harness.request(grace, 'mutation { updateProfile(input: { displayName: "Grace Murray" }) { id } }');
    await eventually(async () => (await namesOf(caller, 'murray')).length === 1);

    expect(await namesOf(caller, 'hopper')).toEqual([]);
    await announceMember(harness, 'member.removed', tenantId, grace.userId);
    expect(await namesOf(caller, 'murray')).toEqual([]);
  });

  test.each(['bm9uc2Vuc2U', Buffer.from('{"score":2,"id":"x"}').toString('base64url')])(
    'refuses the cursor %s',
    async (after) => {
      const { caller } = await aTeam('Ada Lovelace');
      const answer = await harness.request(caller, query, { search: 'ada', after });

      expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    },
  );

  test('sees its own tenant alone, by an index, among 100,000 members behind row-level security', async () => {
    const { caller, tenantId } = await aTeam('Ada Lovelace');
    const elsewhere = randomUUID();
    const asSuperuser = withDatabase(harness.adminUrl, databaseNames('user').database);
    const name = `initcap(translate(md5(i::text), '0123456789', 'ghijklmnop'))`;
    const [definition] = await runSql(asSuperuser, `select pg_get_indexdef('tenant_member_name'::regclass) as sql`);
    await runSql(
      asSuperuser,
      'drop index tenant_member_name',
      `insert into tenant_member (tenant_id, user_id, role, is_active, changed_at, name)
       select case when i % 2 = 0 then '${tenantId}'::uuid else '${elsewhere}'::uuid end, gen_random_uuid(), 'USER', true, now(),
         left(${name}, 7) || ' ' || right(${name}, 9) from generate_series(1, 100000) as i`,
      `insert into tenant_member values ('${elsewhere}', gen_random_uuid(), 'USER', true, now(), 'Ada Lovelace')`,
      String(definition?.['sql']),
      'analyze tenant_member',
    );

    const plan = await runSql(
      harness.databaseUrl,
      `set app.tenant_id = '${tenantId}'`,
      `explain select user_id from tenant_member where tenant_id = '${tenantId}' and is_active and name %> 'lovelase'`,
    );
    const found = await search(caller, 'lovelase');

    expect(JSON.stringify(plan)).toContain('Bitmap Index Scan on tenant_member_name');
    expect(JSON.stringify(plan)).toMatch(/Index Cond: .*tenant_id = .*name %> /);
    expect(found).toMatchObject({ totalCount: 1, nodes: [{ displayName: 'Ada Lovelace' }] });
  }, 180_000);
});

describe('users of a tenant', () => {
  const entitiesQuery = `query ($references: [_Any!]!) {
    _entities(representations: $references) { ... on User { id displayName } }
  }`;
  const referencesTo = (...ids: string[]) => ({ references: ids.map((id) => ({ __typename: 'User', id })) });

  test('are found by the beginning of any word of their names', async () => {
    const tenantId = randomUUID();
    const caller = await aPerson(harness, { tenantId, displayName: 'Ada Lovelace' });
    await aPerson(harness, { tenantId, displayName: 'Anna-Lena Meier' });
    await aPerson(harness, { tenantId, displayName: 'Marlen Klose' });
    await aPerson(harness, { displayName: 'Lenny Elsewhere' });

    const answer = await harness.request(
      caller,
      '{ a: users(search: "LEN") { totalCount nodes { displayName } } b: users(search: "%") { totalCount } users { totalCount } }',
    );

    expect(answer.data).toEqual({
      a: { totalCount: 1, nodes: [{ displayName: 'Anna-Lena Meier' }] },
      b: { totalCount: 0 },
      users: { totalCount: 3 },
    });
  });

  test('who is locked out is found apart, by name too, and keeps a name among the members', async () => {
    const tenantId = randomUUID();
    const caller = await aPerson(harness, { tenantId, displayName: 'Ada Lovelace' });
    const locked = await aPerson(harness, { tenantId, displayName: 'Lena Locked' });
    await announceMember(harness, 'member.deactivated', tenantId, locked.userId);

    const answer = await harness.request(
      caller,
      `{ users { totalCount } active: users(search: "Lena") { totalCount } locked: users(status: DEACTIVATED) { totalCount }
         named: users(search: "Lena", status: DEACTIVATED) { totalCount nodes { displayName } }
         short: users(search: "L", status: DEACTIVATED) { totalCount } }`,
    );
    const named = await harness.request(caller, entitiesQuery, referencesTo(locked.userId));

    expect(answer.data).toEqual({
      users: { totalCount: 1 },
      active: { totalCount: 0 },
      locked: { totalCount: 1 },
      named: { totalCount: 1, nodes: [{ displayName: 'Lena Locked' }] },
      short: { totalCount: 1 },
    });
    expect(named.data._entities[0].displayName).toBe('Lena Locked');
    const told = await harness.request(aUser({ userId: locked.userId }), '{ notifications { nodes { kind } } }');
    expect(told.data.notifications.nodes).toEqual([{ kind: 'MEMBERSHIP_DEACTIVATED' }, { kind: 'JOINED_TENANT' }]);

    await announceMember(harness, 'member.reactivated', tenantId, locked.userId);
    const back = await harness.request(caller, '{ users(search: "Lena") { totalCount } }');
    expect(back.data.users.totalCount).toBe(1);
  });

  test('come in pages', async () => {
    const tenantId = randomUUID();
    const caller = await aPerson(harness, { tenantId });
    for (let index = 0; index < 4; index += 1) await aPerson(harness, { tenantId });
    const query =
      'query ($after: String) { users(first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';

    const first = await harness.request(caller, query);
    const second = await harness.request(caller, query, { after: first.data.users.pageInfo.endCursor });

    const ids = [...first.data.users.nodes, ...second.data.users.nodes].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(5);
    expect(second.data.users.pageInfo.hasNextPage).toBe(false);
  });

  test('no longer list a person who left, whose name can still be read', async () => {
    const tenantId = randomUUID();
    const caller = await aPerson(harness, { tenantId });
    const left = await aPerson(harness, { tenantId, displayName: 'Gone Girl' });
    await announceMember(harness, 'member.removed', tenantId, left.userId);

    const list = await harness.request(caller, '{ users { nodes { id } } }');
    const entity = await harness.request(caller, entitiesQuery, referencesTo(left.userId));

    expect(list.data.users.nodes).toEqual([{ id: caller.userId }]);
    expect(entity.data._entities[0].displayName).toBe('Gone Girl');
  });

  test('are hidden from a caller who has not signed in or has no active tenant', async () => {
    const withoutSignIn = await harness.request(anonymous, '{ users { nodes { id } } }');
    const withoutTenant = await harness.request(aUser(), '{ users { nodes { id } } }');

    expect(withoutSignIn.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(withoutTenant.errors?.[0]?.extensions.code).toBe('PRECONDITION_FAILED');
  });
});
