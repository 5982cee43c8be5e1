import { encodePrincipal, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import { hasRules, securityPolicySchema, type SecurityPolicy } from '@tessera/service/security-policy';
import { z } from 'zod';

/** What a gateway knows of a tenant. */
export interface TenantFacts {
  /** True for one that is suspended, or being erased: nobody acts in it. */
  readonly isLocked?: boolean;
  /** Undefined where it cannot be found out. */
  readonly plan: string | undefined;
  /** Names of the subgraphs that are switched off for it. */
  readonly disabledServices: readonly string[];
  /** What it asks of those who act in it; null where that is nothing, undefined where it cannot be found out. */
  readonly securityPolicy?: SecurityPolicy | null;
  /** True where nobody could be asked: it is what was known before, if anything. */
  readonly isUncertain?: true;
}

/** Asks for a tenant. @throws Error without an answer */
export type AskTenant = (tenantId: string) => Promise<TenantFacts>;

export interface AskTenantOptions {
  /** GraphQL endpoint of the subgraph that knows tenants. */
  readonly url: string;
  readonly signingSecret: string;
  /** How long a request waits for the answer. */
  readonly timeoutMs: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

const query = `query TenantFacts($tenants: [_Any!]!) { _entities(representations: $tenants) { ... on Tenant {
  status plan disabledServices
  securityPolicy { version isMfaRequired maxSessionMinutes maxIdleMinutes signInWays networks }
} } }`;

const answerSchema = z.object({
  data: z.object({
    _entities: z
      .array(
        z
          .object({
            status: z.string(),
            plan: z.string(),
            disabledServices: z.array(z.string()),
            securityPolicy: securityPolicySchema
              .nullable()
              .transform((policy) => (policy !== null && hasRules(policy) ? policy : null)),
          })
          .transform(({ status, ...known }) => ({ ...known, isLocked: status !== 'ACTIVE' }))
          .nullable(),
      )
      .length(1),
  }),
});

/** What holds for a tenant that the tenant subgraph does not know: nothing special. */
export const unknownTenant: TenantFacts = Object.freeze({ plan: undefined, disabledServices: [] });

/** Creates the question to the tenant subgraph, asked as the service inside that tenant. */
export function createAskTenant({ url, signingSecret, timeoutMs, now = Date.now }: AskTenantOptions): AskTenant {
  const path = new URL(url).pathname;
  return async (tenantId) => {
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
    return data._entities[0] ?? unknownTenant;
  };
}
