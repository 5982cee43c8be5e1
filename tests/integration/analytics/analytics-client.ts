import { randomUUID } from 'node:crypto';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import { aUser, type GraphqlAnswer, type SubgraphHarness } from '../../support/subgraph-harness.js';

export interface TrackedInput {
  readonly name?: string;
  readonly properties?: unknown;
  readonly occurredAt?: string;
  readonly messageId?: string;
}

const trackMutation =
  'mutation ($events: [TrackEventInput!]!) { track(input: { events: $events }) { accepted duplicates } }';

/** A tenant with an administrator. */
export function aTenant(): { readonly tenantId: string; readonly admin: Principal & { readonly userId: string } } {
  const tenantId = randomUUID();
  return { tenantId, admin: aUser({ tenantId, role: 'TENANT_ADMIN' }) };
}

export function track(
  harness: Pick<SubgraphHarness, 'request'>,
  principal: Principal,
  events: readonly TrackedInput[],
): Promise<GraphqlAnswer<{ track: { accepted: number; duplicates: number } }>> {
  return harness.request(principal, trackMutation, {
    events: events.map((event) => ({ name: 'thing.done', ...event })),
  });
}

export interface AlertRuleInput {
  readonly measure?: string;
  readonly operator?: string;
  readonly threshold?: number;
  readonly eventName?: string;
  readonly windowSeconds?: number;
  readonly forSeconds?: number;
}

/** Creates a rule and answers its id. */
export async function createAlertRule(
  harness: Pick<SubgraphHarness, 'request'>,
  principal: Principal,
  input: AlertRuleInput = {},
): Promise<string> {
  const answer = await harness.request(
    principal,
    'mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }',
    { input: { name: 'Too many', measure: 'EVENT_COUNT', operator: 'GREATER_THAN', threshold: 5, ...input } },
  );
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data.createAlertRule.id as string;
}

export const codeOf = (answer: GraphqlAnswer): string | undefined => answer.errors?.[0]?.extensions.code;

/** Takes the next result of a subscription, or fails. */
export async function nextOf<Data>(results: AsyncIterator<unknown>): Promise<Data> {
  const result = await results.next();
  if (result.done === true) throw new Error('The subscription has ended');
  const { data, errors } = result.value as { data?: Data; errors?: readonly unknown[] };
  if (data === undefined || data === null) throw new Error(`The subscription failed: ${JSON.stringify(errors)}`);
  return data;
}

/** What a gateway reports of a tenant. */
export const callsOf = (
  tenantId: string,
  requests: number,
  userIds: readonly string[] = [],
  userCalls: readonly (readonly [userId: string, calls: number])[] = [],
): DomainEvent =>
  createDomainEvent({
    type: 'usage.reported',
    tenantId,
    payload: {
      ...{ gatewayId: 'gateway-1', windowMs: 1_000, requests, errors: 0, activeConnections: 0, userIds: [...userIds] },
      latencyCounts: [...usageLatencyBoundsMs, Infinity].map(() => 0),
      userCalls: userCalls.map(([userId, calls]) => [userId, calls]),
    },
  });
