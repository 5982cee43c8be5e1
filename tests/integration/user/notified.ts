import { randomUUID } from 'node:crypto';
import { createDomainEvent } from '@tessera/service/events';
import { aUser, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aPerson } from './people.js';

const fields = 'id kind data readAt tenant { id } subject { displayName }';
export const listQuery = `query ($first: Int, $after: String, $unreadOnly: Boolean! = false) {
  notifications(first: $first, after: $after, unreadOnly: $unreadOnly) {
    nodes { ${fields} } totalCount pageInfo { hasNextPage endCursor }
  }
  unreadNotificationCount
}`;
export const markMutation = `mutation ($ids: [ID!]!) {
  markNotificationsRead(ids: $ids) { marked unreadCount notifications { id readAt } }
}`;

export function joins(tenantId: string, userId: string, role: string) {
  return createDomainEvent({ type: 'member.joined', tenantId, payload: { userId, role, tenantName: 'Kestrel' } });
}

/** A tenant whose administrator founded it. */
export async function aFoundedTenant(harness: SubgraphHarness) {
  const tenantId = randomUUID();
  const person = await aPerson(harness, { displayName: 'Ada Admin' });
  await harness.deliver(joins(tenantId, person.userId, 'TENANT_ADMIN'));
  return { tenantId, admin: aUser({ userId: person.userId, tenantId, role: 'TENANT_ADMIN' }) };
}

const alertEvent = (type: string, tenantId: string) =>
  createDomainEvent({
    type,
    tenantId,
    payload: { alertId: randomUUID(), ruleId: randomUUID(), ruleName: 'Errors', value: 7, threshold: 5 },
  });

export const fires = (tenantId: string) => alertEvent('alert.fired', tenantId);

export const isResolved = (tenantId: string) => alertEvent('alert.resolved', tenantId);
