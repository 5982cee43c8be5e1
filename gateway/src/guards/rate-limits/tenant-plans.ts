import { encodePrincipal, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/** The plan of a tenant; at once where it is known, `undefined` where it cannot be found out. */
export type PlanOf = (tenantId: string) => string | undefined | Promise<string | undefined>;

export interface TenantPlansOptions {
  /** GraphQL endpoint of the subgraph that knows tenants' plans. */
  readonly url: string;
  readonly signingSecret: string;
  readonly logger: Logger;
  /** Default 500. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

interface KnownPlan {
  readonly plan: string | undefined;
  readonly freshUntilMs: number;
}

/** So long a changed plan may take to be noticed. */
const freshMs = 30_000;
/** A subgraph that is away is asked again so often for each tenant. */
const failedForMs = 5_000;

const query =
  'query TenantPlan($tenants: [_Any!]!) { _entities(representations: $tenants) { ... on Tenant { plan } } }';

const answerSchema = z.object({
  data: z.object({ _entities: z.array(z.object({ plan: z.string() }).nullable()).length(1) }),
});

/**
 * Remembers tenants' plans. The first request of a tenant waits for its plan, for a plan that was guessed would refuse
 * what was paid for; all later ones get what is known, while it is asked for again beside them.
 */
export function createTenantPlans(options: TenantPlansOptions): PlanOf {
  const { logger, now = Date.now } = options;
  const ask = createQuestion(options);
  const known = new LRUCache<string, KnownPlan>({ max: 10_000 });
  const asking = new Map<string, Promise<string | undefined>>();

  const load = async (tenantId: string): Promise<string | undefined> => {
    const before = known.get(tenantId)?.plan;
    try {
      const plan = await ask(tenantId);
      known.set(tenantId, { plan, freshUntilMs: now() + freshMs });
      return plan;
    } catch (error) {
      logger.warn({ err: error }, "a tenant's plan cannot be asked for now");
      known.set(tenantId, { plan: before, freshUntilMs: now() + failedForMs });
      return before;
    } finally {
      asking.delete(tenantId);
    }
  };
  const loadOnce = (tenantId: string): Promise<string | undefined> => {
    const loading = asking.get(tenantId) ?? load(tenantId);
    asking.set(tenantId, loading);
    return loading;
  };

  return (tenantId) => {
    const found = known.get(tenantId);
    if (found === undefined) return loadOnce(tenantId);
    if (found.freshUntilMs <= now()) void loadOnce(tenantId);
    return found.plan;
  };
}

function createQuestion({ url, signingSecret, timeoutMs = 500, now = Date.now }: TenantPlansOptions) {
  const path = new URL(url).pathname;
  return async (tenantId: string): Promise<string | undefined> => {
    const body = JSON.stringify({ query, variables: { tenants: [{ __typename: 'Tenant', id: tenantId }] } });
    const caller = { principal: encodePrincipal(servicePrincipal(tenantId)) };
    const signed = { audience: 'tenant', method: 'POST', path, body };
    const signature = signPrincipal(signingSecret, signed, caller, now());
    const { request } = await import('undici');
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signature },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { data } = answerSchema.parse(await answer.body.json());
    return data._entities[0]?.plan;
  };
}
