import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { memberRightsEventType, roleChangedEventType } from '@tessera/service/tenancy';
import { principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';

// A busy machine takes ten times as long as an idle one.
jest.setTimeout(120_000);

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 120_000);

afterAll(() => harness.stop());

async function aMember(name: string) {
  const person = await harness.signUp(name);
  const tenantId = randomUUID();
  harness.tenants.setRole(tenantId, person.userId, 'USER');
  const tokens = await harness.switchTenant(person.principal, tenantId);
  let { refreshToken } = tokens;
  /** What the next token of the session grants. */
  const scopes = async () => {
    const refreshed = await harness.refresh(refreshToken);
    ({ refreshToken } = refreshed);
    return principalOf(refreshed.accessToken).scopes;
  };
  return { ...person, tenantId, scopes };
}

interface Told {
  readonly userId: string;
  readonly permissions: readonly string[] | null;
  readonly isGrouped?: boolean;
}

const tell = (tenantId: string, version: number, members: readonly Told[]) => {
  const told = members.map(({ userId, permissions, isGrouped = permissions !== null }) => ({
    userId,
    permissions: permissions === null ? null : [...permissions],
    isGrouped,
  }));
  return createDomainEvent({ type: memberRightsEventType, tenantId, payload: { version, members: told } });
};

describe('rights that groups add', () => {
  test('refuse the tokens of before at once, and are in the next', async () => {
    const { userId, tenantId, principal, scopes } = await aMember('grouped');

    const announced = await harness.announcedDuring(() =>
      harness.deliver(tell(tenantId, 1, [{ userId, permissions: ['audit:read'] }])),
    );
    const within = await scopes();
    await harness.deliver(tell(tenantId, 2, [{ userId, permissions: null }]));
    const after = await scopes();

    expect(announced.renewed).toEqual([principal.sessionId]);
    expect(within).toEqual(expect.arrayContaining(['audit:read', 'files:read']));
    expect(after).not.toContain('audit:read');
    expect(after).toContain('files:read');
  });

  test('are what was told last, however late the rest comes', async () => {
    const { userId, tenantId, scopes } = await aMember('late');
    const first = tell(tenantId, 1, [{ userId, permissions: ['audit:read', 'members:manage'] }]);

    await harness.deliver(tell(tenantId, 2, [{ userId, permissions: ['audit:read'] }]));
    await harness.deliver(first);
    const again = await harness.announcedDuring(() => harness.deliver(first));

    expect(await scopes()).not.toContain('members:manage');
    expect(again.renewed).toEqual([]);
  });

  test('hold for who enters while they are told of, and stay with another role of their own', async () => {
    const { userId, tenantId, principal, scopes } = await aMember('entering');
    harness.tenants.beforeNextAnswer(() =>
      harness.deliver(tell(tenantId, 3, [{ userId, permissions: ['audit:read'] }])),
    );

    const entered = principalOf((await harness.switchTenant(principal, tenantId)).accessToken);
    await harness.announceMember('member.roleChanged', tenantId, userId, 'Helper', ['alerts:read']);

    expect(entered.scopes).toContain('audit:read');
    expect(await scopes()).toContain('audit:read');
  });

  test('are not lost when the role that one has by oneself grants something else', async () => {
    const { userId, tenantId, scopes } = await aMember('own-role');
    await harness.announceMember('member.roleChanged', tenantId, userId, 'Helper', ['alerts:read']);
    await harness.deliver(tell(tenantId, 1, [{ userId, permissions: ['alerts:read', 'audit:read'] }]));
    const payload = { role: 'Helper', permissions: ['files:read'] };

    await harness.deliver(createDomainEvent({ type: roleChangedEventType, tenantId, payload }));
    const before = await scopes();
    await harness.deliver(tell(tenantId, 2, [{ userId, permissions: ['audit:read', 'files:read'] }]));

    expect(before).toContain('audit:read');
    expect([...(await scopes())].sort()).toEqual(['audit:read', 'files:read']);
  });

  test('are told of many at once, in any order, without anybody waiting for ever', async () => {
    const people = await Promise.all(['one', 'two', 'three'].map((name) => harness.signUp(`many-${name}`)));
    const tenantId = randomUUID();
    const told = people.map(({ userId }) => ({ userId, permissions: ['audit:read'] }));

    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        harness.deliver(tell(tenantId, index + 1, index % 2 === 0 ? told : told.toReversed())),
      ),
    );

    const kept = await harness.sql(`select distinct version from member_rights where tenant_id = '${tenantId}'`);
    expect(kept).toEqual([{ version: 20 }]);
  });
});
