import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { aMemberOf, codeOf, memberEvent } from './tenant-member.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);

afterAll(() => harness.stop());

const aMember = (name: string, role: string) => aMemberOf(harness, name, role);

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
