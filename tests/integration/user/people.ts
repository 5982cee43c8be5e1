import { randomUUID } from 'node:crypto';
import { createDomainEvent } from '@tessera/service/events';
import type { MemberEventType } from '@tessera/service/tenancy';
import { aUser, type SubgraphHarness } from '../../support/subgraph-harness.js';

type Person = ReturnType<typeof aUser>;

/** Tells the subgraph that a person signed up, and joined a tenant where one is given. */
export async function aPerson(
  harness: SubgraphHarness,
  { displayName = 'Ada Lovelace', tenantId }: { readonly displayName?: string; readonly tenantId?: string } = {},
): Promise<Person> {
  const userId = randomUUID();
  await signUp(harness, userId, displayName);
  if (tenantId !== undefined) await announceMember(harness, 'member.joined', tenantId, userId);
  return aUser({ userId, ...(tenantId === undefined ? {} : { tenantId }) });
}

export function signUp(harness: SubgraphHarness, userId: string, displayName: string): Promise<void> {
  const payload = { userId, email: `${userId}@example.org`, displayName };
  return harness.deliver(createDomainEvent({ type: 'user.signedUp', payload }));
}

export function announceMember(
  harness: SubgraphHarness,
  type: MemberEventType,
  tenantId: string,
  userId: string,
): Promise<void> {
  return harness.deliver(createDomainEvent({ type, tenantId, payload: { userId, role: 'USER' } }));
}
