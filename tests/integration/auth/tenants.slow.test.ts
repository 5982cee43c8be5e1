import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { anonymous } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);

afterAll(() => harness.stop());

/** A new person in a new tenant that is active in their session. */
async function aMember(name: string, role: string) {
  const person = await harness.signUp(name);
  const tenantId = randomUUID();
  harness.tenants.setRole(tenantId, person.userId, role);
  const tokens = await harness.switchTenant(person.principal, tenantId);
  return { ...person, tenantId, tokens, principal: principalOf(tokens.accessToken), firstTokens: person.tokens };
}

/** An event of the time when it is made, to be delivered later. */
const memberEvent = (type: string, tenantId: string, userId: string, role: string) =>
  createDomainEvent({ type, tenantId, payload: { userId, role } });

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: Error) => error.message,
  );

describe('switching tenants', () => {
  test('asks the tenant subgraph for the caller’s role, and refreshed tokens keep it', async () => {
    const { tenantId, tokens, userId, principal, firstTokens } = await aMember('switcher', 'TENANT_ADMIN');

    const refreshed = await harness.refresh(tokens.refreshToken);
    const refreshedByOld = await harness.refresh(firstTokens.refreshToken);

    expect(harness.tenants.askedBy.at(-1)).toMatchObject({ kind: 'user', userId, sessionId: principal.sessionId });
    expect(principal).toMatchObject({ tenantId, roles: ['TENANT_ADMIN'] });
    expect(principal.scopes).toContain('members:manage');
    expect(principalOf(refreshed.accessToken)).toEqual(principal);
    expect(principalOf(refreshedByOld.accessToken)).toEqual(principal);
  });

  test('shows the tenant in the session', async () => {
    const { tenantId, principal } = await aMember('shown', 'USER');

    const answer = await harness.request(principal, '{ me { sessions { tenantId isCurrent } } }');

    expect(answer).toEqual({ data: { me: { sessions: [{ tenantId, isCurrent: true }] } } });
  });

  test.each([
    ['that the caller is no member of', randomUUID()],
    ['whose id is none', 'not-an-id'],
  ])('a tenant %s is not found', async (_what, tenantId) => {
    const { principal } = await harness.signUp(`stranger-${tenantId.slice(0, 4)}`);

    expect(await codeOf(harness.switchTenant(principal, tenantId))).toBe('NOT_FOUND');
  });

  test('needs a session that is alive', async () => {
    const { principal, tenantId } = await aMember('ended', 'USER');
    await harness.request(principal, 'mutation { signOut }');

    expect(await codeOf(harness.switchTenant(principal, tenantId))).toBe('UNAUTHENTICATED');
    expect(await codeOf(harness.switchTenant(anonymous, tenantId))).toBe('UNAUTHENTICATED');
  });

  test('a tenant subgraph that is down is named as unavailable', async () => {
    const { principal } = await harness.signUp('alone');
    const down = await startAuthHarness({ TENANT_SUBGRAPH_URL: 'http://127.0.0.1:9/graphql' });

    const code = await codeOf(down.switchTenant(principal, randomUUID()));

    await down.stop();
    expect(code).toBe('SUBGRAPH_UNAVAILABLE');
  }, 30_000);

  test('a tenant subgraph that does not answer in time is named as too slow', async () => {
    const { principal } = await harness.signUp('waiting');
    const late = Promise.withResolvers<void>();
    harness.tenants.beforeNextAnswer(() => late.promise);

    const code = await codeOf(harness.switchTenant(principal, randomUUID()));

    late.resolve();
    expect(code).toBe('SUBGRAPH_TIMEOUT');
  }, 15_000);
});

describe('a tenant that is suspended', () => {
  const statusEvent = (tenantId: string, status: string) =>
    createDomainEvent({ type: 'tenant.statusChanged', tenantId, payload: { status } });

  test('has nobody in it at once, and the next tokens are of no tenant', async () => {
    const { tenantId, tokens, principal } = await aMember('locked-out', 'USER');

    const { renewed, ended } = await harness.announcedDuring(() => harness.deliver(statusEvent(tenantId, 'SUSPENDED')));

    expect({ renewed, ended }).toEqual({ renewed: [principal.sessionId], ended: [] });
    expect(principalOf((await harness.refresh(tokens.refreshToken)).accessToken).tenantId).toBeUndefined();
  });

  test('cannot be entered, not even while its suspension is on the way, until it is resumed', async () => {
    const { tenantId, principal } = await aMember('outside', 'USER');
    harness.tenants.setStatus('SUSPENDED');
    expect(await codeOf(harness.switchTenant(principal, tenantId))).toBe('FORBIDDEN');
    harness.tenants.setStatus('ACTIVE');
    harness.tenants.beforeNextAnswer(() => harness.deliver(statusEvent(tenantId, 'SUSPENDED')));
    expect(await codeOf(harness.switchTenant(principal, tenantId))).toBe('FORBIDDEN');

    await harness.deliver(statusEvent(tenantId, 'ACTIVE'));

    expect(await codeOf(harness.switchTenant(principal, tenantId))).toBe('ok');
  });

  test('whose suspension arrives after it was lifted keeps everybody', async () => {
    const { tenantId } = await aMember('stayer', 'USER');
    const suspension = statusEvent(tenantId, 'SUSPENDED');
    const longAgo = { ...suspension, occurredAt: new Date(Date.now() - 60_000).toISOString() };
    await harness.deliver(statusEvent(tenantId, 'ACTIVE'));

    const { renewed } = await harness.announcedDuring(() => harness.deliver(longAgo));

    expect(renewed).toEqual([]);
  });
});

describe('news of a membership', () => {
  test('a removed member’s tokens end where the tenant is active, and the next ones are of no tenant', async () => {
    const { tenantId, userId, tokens, principal } = await aMember('removed', 'USER');

    const { renewed } = await harness.announcedDuring(() =>
      harness.announceMember('member.removed', tenantId, userId, 'USER'),
    );

    expect(renewed).toEqual([principal.sessionId]);
    const refreshed = principalOf((await harness.refresh(tokens.refreshToken)).accessToken);
    expect(refreshed).toMatchObject({ userId, sessionId: principal.sessionId, roles: [], scopes: [] });
    expect(refreshed.tenantId).toBeUndefined();
  });

  test('a deactivated member’s tokens end as well, and the tenant cannot be entered until they are reactivated', async () => {
    const { tenantId, userId, tokens, principal } = await aMember('deactivated', 'USER');

    const { renewed } = await harness.announcedDuring(() =>
      harness.announceMember('member.deactivated', tenantId, userId, 'USER'),
    );

    expect(renewed).toEqual([principal.sessionId]);
    const refreshed = principalOf((await harness.refresh(tokens.refreshToken)).accessToken);
    expect(refreshed.tenantId).toBeUndefined();
    harness.tenants.setRole(tenantId, userId, 'USER', 'DEACTIVATED');
    expect(await codeOf(harness.switchTenant(refreshed, tenantId))).toBe('FORBIDDEN');

    // Whoever asks while it happens is told by the news that came meanwhile.
    harness.tenants.setRole(tenantId, userId, 'USER');
    harness.tenants.beforeNextAnswer(() => harness.announceMember('member.deactivated', tenantId, userId, 'USER'));
    expect(await codeOf(harness.switchTenant(refreshed, tenantId))).toBe('FORBIDDEN');

    await harness.announceMember('member.reactivated', tenantId, userId, 'USER');
    expect(await codeOf(harness.switchTenant(refreshed, tenantId))).toBe('ok');
  });

  test('a changed role ends the tokens that have the old one, and the next ones have the new', async () => {
    const { tenantId, userId, principal, tokens } = await aMember('demoted', 'TENANT_ADMIN');

    const { renewed } = await harness.announcedDuring(() =>
      harness.announceMember('member.roleChanged', tenantId, userId, 'USER'),
    );

    expect(renewed).toEqual([principal.sessionId]);
    const refreshed = principalOf((await harness.refresh(tokens.refreshToken)).accessToken);
    expect(refreshed).toMatchObject({ tenantId, roles: ['USER'] });
    expect(refreshed.scopes).not.toContain('members:manage');
  });

  test('a role of the tenant’s own making grants what the tenant says, also after it has changed', async () => {
    const { tenantId, userId, tokens, principal } = await aMember('auditor', 'USER');
    await harness.announceMember('member.roleChanged', tenantId, userId, 'auditor', ['audit:read']);
    const auditor = await harness.refresh(tokens.refreshToken);
    expect(principalOf(auditor.accessToken)).toMatchObject({ roles: ['auditor'], scopes: ['audit:read'] });

    const payload = { role: 'auditor', permissions: ['files:read'] };
    const { renewed } = await harness.announcedDuring(() =>
      harness.deliver(createDomainEvent({ type: 'role.changed', tenantId, payload })),
    );

    expect(renewed).toEqual([principal.sessionId]);
    const refreshed = await harness.refresh(auditor.refreshToken);
    expect(principalOf(refreshed.accessToken)).toMatchObject({ roles: ['auditor'], scopes: ['files:read'] });
  });

  test('a role that the session has already ends nothing', async () => {
    const { tenantId, userId, tokens } = await aMember('joined', 'TENANT_ADMIN');

    const { renewed } = await harness.announcedDuring(() =>
      harness.announceMember('member.joined', tenantId, userId, 'TENANT_ADMIN'),
    );

    expect(renewed).toEqual([]);
    expect(await codeOf(harness.refresh(tokens.refreshToken))).toBe('ok');
  });

  test('sessions in another tenant go on', async () => {
    const { userId, tokens } = await aMember('elsewhere', 'USER');

    const { renewed } = await harness.announcedDuring(() =>
      harness.announceMember('member.removed', randomUUID(), userId, 'USER'),
    );

    expect(renewed).toEqual([]);
    expect(await codeOf(harness.refresh(tokens.refreshToken))).toBe('ok');
  });

  test('a session that left the tenant a moment ago ends too, for its old access token is still good', async () => {
    const { tenantId, userId, principal } = await aMember('hopper', 'USER');
    const otherTenantId = randomUUID();
    harness.tenants.setRole(otherTenantId, userId, 'USER');
    await harness.switchTenant(principal, otherTenantId);

    const { renewed } = await harness.announcedDuring(() =>
      harness.announceMember('member.removed', tenantId, userId, 'USER'),
    );

    expect(renewed).toEqual([principal.sessionId]);
  });

  test('old news that comes late ends no session that knows better', async () => {
    const person = await harness.signUp('rejoined');
    const tenantId = randomUUID();
    const removal = memberEvent('member.removed', tenantId, person.userId, 'USER');
    const longAgo = { ...removal, occurredAt: new Date(Date.now() - 60_000).toISOString() };
    harness.tenants.setRole(tenantId, person.userId, 'USER');
    await harness.switchTenant(person.principal, tenantId);

    const { renewed } = await harness.announcedDuring(() => harness.deliver(longAgo));

    expect(renewed).toEqual([]);
  });

  test('a removal that is delivered twice is handled once', async () => {
    const { tenantId, userId, principal } = await aMember('repeated', 'USER');
    const event = memberEvent('member.removed', tenantId, userId, 'USER');

    const { renewed } = await harness.announcedDuring(async () => {
      await harness.deliver(event);
      await harness.deliver(event);
    });

    expect(renewed).toEqual([principal.sessionId]);
  });

  test('a removal while the tenant subgraph still answers with the old role wins', async () => {
    const person = await harness.signUp('racing');
    const tenantId = randomUUID();
    harness.tenants.setRole(tenantId, person.userId, 'TENANT_ADMIN');
    harness.tenants.beforeNextAnswer(() =>
      harness.announceMember('member.removed', tenantId, person.userId, 'TENANT_ADMIN'),
    );

    expect(await codeOf(harness.switchTenant(person.principal, tenantId))).toBe('NOT_FOUND');
  });
});
