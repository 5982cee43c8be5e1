import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { decodeJwt } from 'jose';
import {
  principalOf,
  startAuthHarness,
  type AuthHarness,
  type SignedUp,
  type Tokens,
} from '../../support/auth-harness.js';
import { anonymous, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let harness: AuthHarness;
let admin: SignedUp;

beforeAll(async () => {
  harness = await startAuthHarness({
    SUPER_ADMIN_EMAILS: 'root@example.com,other-root@example.com,leaving@example.com',
    EMAIL_VERIFICATION: 'off',
  });
  admin = await harness.signUp('root');
}, 60_000);

afterAll(() => harness.stop());

const reason = 'Ticket 4711: the list of files is empty';
const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;

const impersonate = (principal: Principal, input: object) =>
  harness.request(
    principal,
    `mutation ($input: ImpersonateInput!) { impersonate(input: $input) {
      impersonation { sessionId userId impersonatorId reason startedAt endsAt }
      tokens { accessToken refreshToken expiresIn }
    } }`,
    { input: { reason, ...input } },
  );

interface Begun {
  readonly person: SignedUp;
  readonly tenantId: string;
  readonly tokens: Tokens;
  readonly principal: Principal;
}

/** A member of a tenant, and the tokens of who impersonates that person there. */
async function begin(name: string, minutes = 10, as: SignedUp = admin): Promise<Begun> {
  const person = await harness.signUp(name);
  const tenantId = newId();
  harness.tenants.setRole(tenantId, person.userId, 'USER');
  const { data } = await impersonate(as.principal, { userId: person.userId, tenantId, minutes });
  const { tokens } = data.impersonate;
  return { person, tenantId, tokens, principal: principalOf(tokens.accessToken) };
}

async function auditOf(filter: object) {
  const query = `query ($filter: AuditFilter) { auditLog(filter: $filter) { nodes {
    action outcome actorId impersonatorId subjectId targetId details } } }`;
  return (await harness.request(admin.principal, query, { filter })).data.auditLog.nodes;
}

describe('an administrator of the platform who impersonates a person', () => {
  test('has the person’s rights in the tenant and no others, marked, for as long as was said', async () => {
    const { person, tenantId, tokens, principal } = await begin('marked');

    const claims = decodeJwt<{ act: { sub: string }; roles: string[] }>(tokens.accessToken);
    const asked = await harness.request(principal, '{ me { id } impersonation { impersonatorId userId reason } }');

    expect(claims).toMatchObject({ sub: person.userId, act: { sub: admin.userId }, tid: tenantId, roles: ['USER'] });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(600);
    expect(tokens.expiresIn).toBeLessThanOrEqual(600);
    expect(asked.data).toEqual({
      me: { id: person.userId },
      impersonation: { impersonatorId: admin.userId, userId: person.userId, reason },
    });
    expect((await harness.request(person.principal, '{ impersonation { reason } }')).data.impersonation).toBeNull();
  });

  test('may refresh, and comes out of the box neither by that nor by time', async () => {
    const { tokens, principal } = await begin('boxed', 60);
    await harness.sql(`update session set ends_at = now() + interval '5 minutes' where id = '${principal.sessionId}'`);

    const next = await harness.refresh(tokens.refreshToken);
    const claims = decodeJwt<{ act: { sub: string } }>(next.accessToken);

    expect(claims.act).toEqual({ sub: admin.userId });
    expect(next.expiresIn).toBeGreaterThan(0);
    expect(next.expiresIn).toBeLessThanOrEqual(300);
    await harness.sql(`update session set ends_at = now(), expires_at = now() where id = '${principal.sessionId}'`);
    await expect(harness.refresh(next.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test.each([
    ['changePassword', 'changePassword(input: { currentPassword: "x", newPassword: "another long password" })'],
    ['reauthenticate', 'reauthenticate(input: { password: "x" })'],
    ['enrollTotp', 'enrollTotp { secret }'],
    ['disableTotp', 'disableTotp'],
    ['regenerateRecoveryCodes', 'regenerateRecoveryCodes { codes }'],
    ['startPasskeyRegistration', 'startPasskeyRegistration { ceremonyId }'],
    ['removePasskey', `removePasskey(id: "${randomUUID()}")`],
    ['unlinkIdentity', `unlinkIdentity(id: "${randomUUID()}")`],
    ['requestEmailChange', 'requestEmailChange(input: { newEmail: "thief@example.com" })'],
    ['createApiKey', 'createApiKey(input: { name: "Key", scopes: ["files:read"] }) { token }'],
    ['createMachineClient', 'createMachineClient(input: { name: "Client", scopes: ["files:read"] }) { secret }'],
    ['activateKey', 'activateKey(key: "00000-00000-00000-00000-00000") { state }'],
    ['switchTenant', `switchTenant(tenantId: "${randomUUID()}") { accessToken }`],
    ['signOut everywhere', 'signOut(everywhere: true)'],
    ['revokeSession', `revokeSession(id: "${randomUUID()}")`],
    ['impersonate', `impersonate(input: { userId: "${randomUUID()}", reason: "Nested" }) { tokens { accessToken } }`],
  ])('cannot do as that person: %s', async (name, mutation) => {
    const { principal } = await begin(`kept-${name.replaceAll(' ', '-').toLowerCase()}`);
    const asAdministrator = { ...principal, scopes: [...principal.scopes, 'apiKeys:manage', 'tenant:manage'] };

    expect(codeOf(await harness.request(asAdministrator, `mutation { ${mutation} }`))).toBe('FORBIDDEN');
  });

  test('is named in every line of the audit log, on both sides', async () => {
    const { person, principal } = await begin('audited');
    await harness.request(principal, 'mutation { signOut }');

    const ofPerson = await auditOf({ actorId: person.userId });
    const ofAdmin = await auditOf({ actorId: admin.userId, subjectId: person.userId });

    expect(ofPerson).toMatchObject([
      { action: 'session.ended', impersonatorId: admin.userId },
      { action: 'session.opened', impersonatorId: admin.userId },
      { action: 'account.created', impersonatorId: null },
    ]);
    expect(ofAdmin).toMatchObject([
      {
        action: 'impersonation.started',
        outcome: 'success',
        targetId: principal.sessionId,
        details: { reason, minutes: 10 },
      },
    ]);
  });
});

describe('an impersonation', () => {
  test('is shown to the person, who ends it', async () => {
    const { person, principal, tokens } = await begin('watchful');
    const list = '{ me { sessions { id isImpersonated impersonation { impersonatorId reason } } } }';

    const { data } = await harness.request(person.principal, list);
    const { ended } = await harness.announcedDuring(() =>
      harness.request(person.principal, 'mutation ($id: ID!) { revokeSession(id: $id) }', { id: principal.sessionId }),
    );

    expect(data.me.sessions).toContainEqual({
      id: principal.sessionId,
      isImpersonated: true,
      impersonation: { impersonatorId: admin.userId, reason },
    });
    expect(data.me.sessions).toContainEqual({
      id: person.principal.sessionId,
      isImpersonated: false,
      impersonation: null,
    });
    expect(ended).toEqual([principal.sessionId]);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(person.tokens.refreshToken)).resolves.toBeDefined();
  });

  test('ends by signing out of it, and the person stays signed in', async () => {
    const { person, principal, tokens } = await begin('left');

    const { ended } = await harness.announcedDuring(() => harness.request(principal, 'mutation { signOut }'));

    expect(ended).toEqual([principal.sessionId]);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(person.tokens.refreshToken)).resolves.toBeDefined();
  });

  test('ends with the session that it was begun in, and by who began it', async () => {
    const other = await harness.signUp('other-root');
    const [first, second] = [await begin('followed', 10, other), await begin('revoked', 10, other)];
    const revoke = 'mutation ($id: ID!) { revokeSession(id: $id) }';

    const revoked = await harness.announcedDuring(() =>
      harness.request(other.principal, revoke, { id: second.principal.sessionId }),
    );
    const signedOut = await harness.announcedDuring(() => harness.request(other.principal, 'mutation { signOut }'));

    expect(revoked.ended).toEqual([second.principal.sessionId]);
    expect(signedOut.ended).toContain(first.principal.sessionId);
    await expect(harness.refresh(first.tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(first.person.tokens.refreshToken)).resolves.toBeDefined();
  });

  test('is not refreshed for who does not run the platform any more', async () => {
    const leaving = await harness.signUp('leaving');
    const { tokens } = await begin('outlasting', 10, leaving);
    await harness.sql(`update account set email = 'not-any-more@example.com' where id = '${leaving.userId}'`);

    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('is refused to everybody else, and of who runs the platform, with a line in the log', async () => {
    const person = await harness.signUp('curious');
    const target = { userId: person.userId };
    await harness.sql(
      `insert into account (id, email, created_at) values ('${newId()}', 'leaving@example.com', now())
       on conflict do nothing`,
    );
    const [colleague] = await harness.sql(`select id from account where email = 'leaving@example.com'`);

    expect(codeOf(await impersonate(anonymous, target))).toBe('UNAUTHENTICATED');
    expect(codeOf(await impersonate(person.principal, { userId: admin.userId }))).toBe('FORBIDDEN');
    expect(codeOf(await impersonate(admin.principal, { userId: colleague?.['id'] }))).toBe('FORBIDDEN');
    expect(codeOf(await impersonate(admin.principal, { userId: admin.userId }))).toBe('FORBIDDEN');
    expect(await auditOf({ subjectId: String(colleague?.['id']) })).toMatchObject([
      { action: 'impersonation.started', outcome: 'denied', actorId: admin.userId },
    ]);
  });

  test('needs a person, a tenant of theirs, a reason, at most an hour, and a recent proof', async () => {
    const { userId } = await harness.signUp('careful');
    const begun = (input: object) => impersonate(admin.principal, { userId, ...input }).then(codeOf);

    expect(await begun({ userId: randomUUID() })).toBe('NOT_FOUND');
    expect(await begun({ userId: 'x' })).toBe('NOT_FOUND');
    expect(await begun({ tenantId: randomUUID() })).toBe('NOT_FOUND');
    expect(await begun({ reason: ' why ' })).toBe('BAD_USER_INPUT');
    expect(await begun({ minutes: 61 })).toBe('BAD_USER_INPUT');
    expect(await begun({ minutes: 0 })).toBe('BAD_USER_INPUT');
    const age = (interval: string) =>
      harness.sql(
        `update session set authenticated_at = now() - interval '${interval}' where user_id = '${admin.userId}'`,
      );
    await age('16 minutes');
    expect(await begun({})).toBe('PRECONDITION_FAILED');
    await age('0');
    expect(await begun({})).toBeUndefined();
  });
});
