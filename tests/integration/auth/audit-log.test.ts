import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditEvent } from '@tessera/service/audit';
import { newId } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { password, startAuthHarness, type AuthHarness, type SignedUp } from '../../support/auth-harness.js';
import { runSql } from '../../support/postgres-server.js';
import { anonymous, aUser, sendSigned } from '../../support/subgraph-harness.js';

let harness: AuthHarness;
let person: SignedUp;

beforeAll(async () => {
  harness = await startAuthHarness();
  person = await harness.signUp('ada');
}, 60_000);

afterAll(() => harness.stop());

const fields =
  'nodes { action outcome actorKind actorId subjectId targetType targetId clientAddress userAgent requestId }';
const platformAdmin: Principal = { ...aUser(), roles: ['SUPER_ADMIN'] };

async function entriesOf(filter: object, principal: Principal = platformAdmin) {
  const query = `query ($filter: AuditFilter) { auditLog(filter: $filter) { ${fields} } }`;
  const answer = await harness.request(principal, query, { filter });
  return answer.data?.auditLog.nodes ?? answer.errors;
}

async function signIn(email: string, secret: string) {
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`;
  return harness.request(anonymous, query, { input: { email, password: secret } });
}

describe('the audit log', () => {
  test('tells who signed up, signed in and out, and from where', async () => {
    const grace = await harness.signUp('grace');
    await signIn(grace.email, password);
    await harness.request(grace.principal, 'mutation { signOut }');

    const entries = await entriesOf({ actorId: grace.userId });

    expect(entries).toMatchObject([
      { action: 'session.ended', outcome: 'success', actorKind: 'user' },
      { action: 'session.opened', outcome: 'success', actorKind: 'user' },
      { action: 'account.created', outcome: 'success', actorKind: 'user', requestId: expect.any(String) },
    ]);
  });

  test('tells of a refused sign-in whom it was meant for, and keeps neither the address nor the password', async () => {
    await signIn(person.email, 'a-wrong-password-of-somebody');
    await signIn('nobody-at-all@example.com', 'a-wrong-password-of-somebody');

    expect(await entriesOf({ subjectId: person.userId })).toMatchObject([
      { action: 'session.opened', outcome: 'denied', actorKind: 'anonymous', actorId: null },
    ]);
    const stored = await harness.sql('select audit_entry::text as line from audit_entry');
    expect(JSON.stringify(stored)).not.toMatch(/nobody-at-all|a-wrong-password|ada@/);
  });

  test('holds a line of another subgraph once, however often its event comes', async () => {
    const tenantId = newId();
    const admin = aUser({ tenantId, role: 'TENANT_ADMIN' });
    const caller = {
      principal: admin,
      client: { address: '192.0.2.7', userAgent: 'a browser' },
      requestId: 'request-1',
    };
    const event = auditEvent(caller, { action: 'member.removed', subjectId: person.userId });
    await harness.deliver(event);
    await harness.deliver(event);

    const entries = await entriesOf({}, admin);

    expect(entries).toMatchObject([
      { action: 'member.removed', subjectId: person.userId, clientAddress: '192.0.2.7', userAgent: 'a browser' },
    ]);
    expect(entries).toHaveLength(1);
  });

  test("shows an administrator the own tenant's lines alone, and a member none", async () => {
    const [own, other] = [newId(), newId()];
    const caller = { client: {}, requestId: 'request-1' };
    for (const tenantId of [own, other]) {
      const principal = aUser({ tenantId, role: 'TENANT_ADMIN' });
      await harness.deliver(auditEvent({ ...caller, principal }, { action: 'role.changed', targetId: tenantId }));
    }

    expect(await entriesOf({}, aUser({ tenantId: own, role: 'TENANT_ADMIN' }))).toMatchObject([{ targetId: own }]);
    expect(await entriesOf({}, aUser({ tenantId: own }))).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await entriesOf({}, anonymous)).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test('can be neither changed nor shortened by the service itself', async () => {
    const asService = (statement: string) =>
      runSql(harness.databaseUrl, `set app.service = 'on'`, statement).catch((error: Error) => error.message);

    expect(await asService(`update audit_entry set action = 'x.y'`)).toMatch(/permission denied/);
    expect(await asService('delete from audit_entry')).toMatch(/permission denied/);
    expect(await asService('truncate audit_entry')).toMatch(/permission denied/);
  });

  test("shows nothing of a tenant to the service's role without a caller, and takes no line in another's name", async () => {
    const user = newId();
    const add = `insert into audit_entry (id, occurred_at, action, outcome, actor_kind, actor_id, details)
      values (gen_random_uuid(), now(), 'x.y', 'success', 'user', '${person.userId}', '{}')`;

    expect(await runSql(harness.databaseUrl, 'select * from audit_entry')).toEqual([]);
    await expect(runSql(harness.databaseUrl, `set app.user_id = '${user}'`, add)).rejects.toThrow(/row-level security/);
  });

  test('tells of a refresh token that came again, and ends its session', async () => {
    const alan = await harness.signUp('alan');
    await harness.refresh(alan.tokens.refreshToken);
    await harness.sql(`update refresh_token set spent_at = now() - interval '1 minute' where spent_at is not null`);
    const query = `mutation ($token: String!) { refreshTokens(refreshToken: $token) { expiresIn } }`;
    const endpoint = { subgraph: 'auth', url: `${harness.url}/graphql` };
    await sendSigned(endpoint, anonymous, query, { token: alan.tokens.refreshToken });

    expect(await entriesOf({ subjectId: alan.userId })).toMatchObject([
      { action: 'refreshToken.replayed', outcome: 'denied', targetType: 'Session', targetId: alan.principal.sessionId },
    ]);
  });
});

describe('the activity of one’s own account', () => {
  async function activityOf(principal: Principal, page: object = {}) {
    const query = `query ($first: Int, $after: String) { accountActivity(first: $first, after: $after) {
      totalCount pageInfo { endCursor } nodes { action outcome actorId clientAddress userAgent details } } }`;
    return (await harness.request(principal, query, page)).data.accountActivity;
  }

  test('shows its person who was in it and who tried, by pages, and nothing of tenants or of others', async () => {
    const { email, principal, userId } = await harness.signUp('hedy');
    await signIn(email, 'a-wrong-password-of-somebody');
    await signIn(email, password);
    const caller = { principal: aUser({ userId, tenantId: newId() }), client: {}, requestId: 'request-1' };
    await harness.deliver(auditEvent(caller, { action: 'file.deleted' }));

    const first = await activityOf(principal, { first: 1 });
    const rest = await activityOf(principal, { after: first.pageInfo.endCursor });

    expect(first).toMatchObject({ totalCount: 3, nodes: [{ action: 'session.opened', outcome: 'success' }] });
    expect(rest.nodes).toMatchObject([
      { action: 'session.opened', outcome: 'denied', actorId: null, details: { method: 'pwd' } },
      { action: 'account.created', outcome: 'success', actorId: userId },
    ]);
    expect((await activityOf(aUser())).totalCount).toBe(0);
  });

  test('says what the platform did, and not from where or what it noted', async () => {
    const { principal, userId } = await harness.signUp('emmy');
    const client = { address: '192.0.2.9', userAgent: 'a browser of the platform' };
    const caller = { principal: platformAdmin, client, requestId: 'request-1' };
    const details = { reason: 'a note for colleagues' };
    await harness.deliver(auditEvent(caller, { action: 'account.reactivated', subjectId: userId, details }));

    const { nodes } = await activityOf(principal);

    expect(nodes[0]).toEqual({
      action: 'account.reactivated',
      outcome: 'success',
      actorId: platformAdmin.userId,
      clientAddress: null,
      userAgent: null,
      details: {},
    });
  });

  test('is for people alone', async () => {
    const answer = await harness.request(anonymous, '{ accountActivity { totalCount } }');

    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});
