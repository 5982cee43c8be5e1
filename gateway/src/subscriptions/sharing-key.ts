import type { LiveSource } from '@tessera/service/live-events';
import type { RequestContext } from '../context.js';
import type { SubscriptionFetch } from '../execution/prepared-operation.js';
import type { DeliveryPolicy } from './delivery-policy.js';

declare const scope: unique symbol;

/** For whom events are the same. Keys are made with one: what is shared without it would be shared with everybody. */
export type Scope = string & { readonly [scope]: true };

/** Everything about a caller that a subgraph can see: its principal, and the headers that are handed on. */
export function principalScope({ encodedPrincipal, forwardedHeaders }: RequestContext): Scope {
  return JSON.stringify(['principal', encodedPrincipal, headersOf(forwardedHeaders)]) as Scope;
}

/**
 * What a subgraph may look at where it has said that a field's events are its tenant's: the tenant and the caller's rights.
 * Who is in no tenant is alone.
 */
export function tenantScope(context: RequestContext): Scope {
  const { kind, tenantId, roles, scopes } = context.principal;
  if (tenantId === undefined) return principalScope(context);
  const rights = [[...roles].sort(), [...scopes].sort()];
  return JSON.stringify(['tenant', tenantId, kind, rights, headersOf(context.forwardedHeaders)]) as Scope;
}

/** Of a caller with whom nobody shares. */
export function aloneScope(): Scope {
  return JSON.stringify(['alone', crypto.randomUUID()]) as Scope;
}

/** With whom a subscriber may share its stream. */
export function scopeOf(context: RequestContext, { sharedBy }: DeliveryPolicy): Scope {
  if (sharedBy === 'nobody') return aloneScope();
  return sharedBy === 'tenant' ? tenantScope(context) : principalScope(context);
}

/**
 * Equal for what one stream of a subgraph can serve. JSON, so that nothing in one part can pass for another part.
 *
 * @param source where events come from, if not from the subgraph
 */
export function upstreamKey(
  { subgraph, query, operationName, variables }: SubscriptionFetch,
  of: Scope,
  source?: LiveSource,
): string {
  return JSON.stringify([of, subgraph, query, operationName ?? null, variables, source?.kind, source?.name]);
}

/**
 * Equal for subscribers of one stream that get the same answers.
 *
 * @param plan numbers of what completes and writes them
 */
export function answersKey(
  plan: readonly number[],
  variables: Readonly<Record<string, unknown>> | undefined,
  of: Scope,
): string {
  return JSON.stringify([of, plan, variables ?? {}]);
}

/** In one order, however they came. */
function headersOf(headers: RequestContext['forwardedHeaders']): readonly (readonly [string, string])[] {
  return Object.entries(headers ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
}
