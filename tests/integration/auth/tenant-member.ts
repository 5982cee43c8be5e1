import { randomUUID } from 'node:crypto';
import { createDomainEvent } from '@tessera/service/events';
import { principalOf, type AuthHarness } from '../../support/auth-harness.js';

/** A new person in a new tenant that is active in their session. */
export async function aMemberOf(harness: AuthHarness, name: string, role: string) {
  const person = await harness.signUp(name);
  const tenantId = randomUUID();
  harness.tenants.setRole(tenantId, person.userId, role);
  const tokens = await harness.switchTenant(person.principal, tenantId);
  return { ...person, tenantId, tokens, principal: principalOf(tokens.accessToken), firstTokens: person.tokens };
}

/** An event of the time when it is made, to be delivered later. */
export const memberEvent = (type: string, tenantId: string, userId: string, role: string) =>
  createDomainEvent({ type, tenantId, payload: { userId, role } });

/** The code that a step of the harness failed with, or `ok`. */
export const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: Error) => error.message,
  );
