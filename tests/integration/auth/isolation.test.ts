import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { principalOf, startAuthHarness, type AuthHarness, type SignedUp } from '../../support/auth-harness.js';
import { runSql } from '../../support/postgres-server.js';
import { answerAlike } from '../../support/same-work.js';
import { anonymous, aUser } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);

afterAll(() => harness.stop());

interface Tenant {
  readonly tenantId: string;
  readonly admin: SignedUp & { readonly principal: Principal };
  readonly member: SignedUp;
}

/** A tenant with an administrator and a member, known to the directory. */
async function aTenant(name: string): Promise<Tenant> {
  const tenantId = randomUUID();
  const admin = await harness.signUp(`${name}-admin`);
  const member = await harness.signUp(`${name}-member`);
  await harness.announceMember('member.joined', tenantId, admin.userId, 'TENANT_ADMIN');
  await harness.announceMember('member.joined', tenantId, member.userId, 'USER');
  harness.tenants.setRole(tenantId, admin.userId, 'TENANT_ADMIN');
  const { accessToken } = await harness.switchTenant(admin.principal, tenantId);
  return { tenantId, admin: { ...admin, principal: principalOf(accessToken) }, member };
}

const entitiesQuery = `query ($people: [_Any!]!) {
  _entities(representations: $people) { ... on User { email sessions { id } } }
}`;

/** What a caller sees of people by their ids, as the gateway asks. */
async function see(principal: Principal, userIds: readonly string[]): Promise<unknown> {
  const people = userIds.map((id) => ({ __typename: 'User', id }));
  const answer = await harness.request(principal, entitiesQuery, { people });
  return answer.errors ?? answer.data._entities;
}

const hidden = { email: null, sessions: [] };

describe('other people through GraphQL', () => {
  test('an administrator sees the addresses of the active tenant’s members in one query', async () => {
    const { admin, member } = await aTenant('seen');
    harness.forgetQueries();

    const seen = await see(admin.principal, [member.userId, admin.userId]);

    expect(seen).toEqual([
      { email: member.email, sessions: [] },
      { email: admin.email, sessions: [{ id: admin.principal.sessionId }] },
    ]);
    expect(harness.queries.filter((sql) => sql.includes('"account"'))).toHaveLength(1);
  });

  test('an administrator sees nothing of another tenant’s people, nor of a member who left', async () => {
    const { tenantId, admin, member } = await aTenant('left');
    const other = await aTenant('other');
    await harness.announceMember('member.removed', tenantId, member.userId, 'USER');

    const seen = await see(admin.principal, [other.admin.userId, other.member.userId, member.userId, randomUUID()]);

    expect(seen).toEqual([hidden, hidden, hidden, hidden]);
  });

  test('a member without the right sees only themselves', async () => {
    const { tenantId, admin, member } = await aTenant('plain');
    const principal = { ...member.principal, tenantId, roles: ['USER'] };

    expect(await see(principal, [admin.userId, member.userId])).toEqual([
      hidden,
      { email: member.email, sessions: [{ id: member.principal.sessionId }] },
    ]);
  });

  test('an anonymous caller sees nobody, and an id that is none is nobody', async () => {
    const { admin, member } = await aTenant('private');

    expect(await see(anonymous, [admin.userId, member.userId])).toEqual([hidden, hidden]);
    expect(await see(admin.principal, ['not-an-id'])).toEqual([hidden]);
  });
});

test.each([
  'query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { email sessions { id } } } }',
  'mutation ($id: ID!) { revokeSession(id: $id) }',
  'mutation ($id: ID!) { switchTenant(tenantId: $id) { expiresIn } }',
])('what is another tenant’s costs what is nobody’s: %s', async (query) => {
  const [own, other] = [await aTenant(`a-${newId()}`), await aTenant(`b-${newId()}`)];
  const { userId, principal } = other.admin;
  const theirs = query.includes('User') ? userId : query.includes('Session') ? principal.sessionId : other.tenantId;

  const { data } = await answerAlike(harness, own.admin.principal, query, theirs ?? '');

  expect(JSON.stringify(data ?? null)).not.toMatch(/@example|expiresIn|true/);
});

test('a key of another tenant costs what is nobody’s', async () => {
  const [own, other] = [await aTenant('keyless'), await aTenant('keyed')];
  const created = await harness.request(
    other.admin.principal,
    'mutation { createApiKey(input: { name: "k", scopes: ["files:read"] }) { apiKey { id } } }',
  );
  const query = 'mutation ($id: ID!) { revokeApiKey(id: $id) { id } }';

  const answer = await answerAlike(harness, own.admin.principal, query, created.data.createApiKey.apiKey.id);

  expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

const tables = ['account', 'password', 'session', 'refresh_token', 'former_role', 'signing_key', 'tenant_member'];

const countOf = async (settings: readonly string[], table: string): Promise<unknown> => {
  const [row] = await runSql(harness.databaseUrl, 'begin', ...settings, `select count(*)::int as rows from ${table}`);
  return row?.['rows'];
};

const set = (name: string, value: string) => `select set_config('app.${name}', '${value}', true)`;

describe('rows through the service’s own database role', () => {
  beforeAll(async () => {
    const { admin } = await aTenant('stored');
    const otherTenantId = randomUUID();
    harness.tenants.setRole(otherTenantId, admin.userId, 'USER');
    await harness.switchTenant(admin.principal, otherTenantId);
  });

  test.each(tables)('without a caller, table %s is empty', async (table) => {
    expect(await countOf([set('service', 'on')], table)).toBeGreaterThan(0);
    expect(await countOf([], table)).toBe(0);
  });

  test.each(tables)('in another tenant and as another person, table %s is empty', async (table) => {
    const settings = [set('tenant_id', randomUUID()), set('user_id', randomUUID()), set('service', 'off')];

    expect(await countOf(settings, table)).toBe(0);
  });

  test('a person’s setting shows and changes only their own rows', async () => {
    const { admin, member } = await aTenant('own');
    const asMember = [set('user_id', member.userId)];

    expect(await countOf(asMember, 'session')).toBe(1);
    expect(await countOf(asMember, 'account')).toBe(1);
    expect(await countOf(asMember, 'password')).toBe(0);
    const changed = await runSql(
      harness.databaseUrl,
      'begin',
      ...asMember,
      `update session set revoked_at = now() where user_id = '${admin.userId}' returning id`,
    );
    expect(changed).toEqual([]);
  });

  test('a tenant’s setting shows its members’ accounts and no others', async () => {
    const { tenantId, admin, member } = await aTenant('roster');

    const rows = await runSql(harness.databaseUrl, 'begin', set('tenant_id', tenantId), 'select id from account');

    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([admin.userId, member.userId]));
  });

  test.each([
    ['account', `insert into account values (gen_random_uuid(), 'written@example.com', now())`],
    ['signing_key', `insert into signing_key values (gen_random_uuid(), 'EdDSA', '{}', 'x', now(), now(), null)`],
    ['tenant_member', `insert into tenant_member values (gen_random_uuid(), gen_random_uuid(), 'USER', true, now())`],
  ])('nobody but the service writes table %s', async (_table, statement) => {
    const asSomebody = [set('user_id', aUser().userId), set('tenant_id', randomUUID())];

    await expect(runSql(harness.databaseUrl, 'begin', ...asSomebody, statement)).rejects.toThrow('row-level security');
    await expect(runSql(harness.databaseUrl, statement)).rejects.toThrow('row-level security');
  });
});
