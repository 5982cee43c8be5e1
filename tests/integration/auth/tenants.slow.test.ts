import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { anonymous } from '../../support/subgraph-harness.js';
import { aMemberOf, codeOf } from './tenant-member.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);

afterAll(() => harness.stop());

const aMember = (name: string, role: string) => aMemberOf(harness, name, role);

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
