import { AppError } from '@tessera/service/errors';
import { encodePrincipal, signPrincipal, type Principal } from '@tessera/service/identity';
import { z } from 'zod';

const deadlineMs = 3_000;

const query =
  'query Membership($tenantId: ID!) { membership(tenantId: $tenantId) { role status permissions rightsVersion tenant { status } } }';

const answerSchema = z.object({
  data: z.object({
    membership: z
      .object({
        role: z.string().min(1),
        status: z.string(),
        permissions: z.array(z.string()),
        rightsVersion: z.number().int().default(0),
        tenant: z.object({ status: z.string() }),
      })
      .nullable(),
  }),
  errors: z.undefined().optional(),
});

const plansSchema = z.object({ data: z.object({ plans: z.array(z.object({ id: z.string() })) }) });

export interface GrantedRole {
  readonly role: string;
  /** Of the membership. */
  readonly status: string;
  /** Those of the role, and of the member's groups. */
  readonly permissions: readonly string[];
  /** How often groups had changed rights in the tenant then. */
  readonly rightsVersion: number;
  readonly tenant: { readonly status: string };
}

export interface MembershipClientOptions {
  /** The GraphQL endpoint of the tenant subgraph. */
  readonly url: string;
  readonly principalSecret: string;
  readonly now?: () => Date;
}

/**
 * Asks the tenant subgraph, mostly for a membership and on behalf of the member. Events bring the same news a moment later, but
 * whoever has just created or joined a tenant wants to enter it now.
 */
export class MembershipClient {
  readonly #options: MembershipClientOptions;

  constructor(options: MembershipClientOptions) {
    this.#options = options;
  }

  /**
   * @returns the caller's role in the tenant and what it grants; null where they are no member
   * @throws AppError `SUBGRAPH_UNAVAILABLE` or `SUBGRAPH_TIMEOUT` where there is no answer
   */
  async ownRole(principal: Principal, tenantId: string): Promise<GrantedRole | null> {
    const body = JSON.stringify({ query, variables: { tenantId } });
    const answer = answerSchema.safeParse(await this.#send(principal, body));
    if (!answer.success) throw unavailable('answered in an unexpected way', answer.error);
    return answer.data.data.membership;
  }

  /**
   * Whether there is a plan of that id.
   *
   * @throws AppError as {@link ownRole}
   */
  async hasPlan(principal: Principal, id: string): Promise<boolean> {
    const answer = plansSchema.safeParse(await this.#send(principal, JSON.stringify({ query: '{ plans { id } }' })));
    if (!answer.success) throw unavailable('answered in an unexpected way', answer.error);
    return answer.data.data.plans.some((plan) => plan.id === id);
  }

  async #send(principal: Principal, body: string): Promise<unknown> {
    const { url, principalSecret, now = () => new Date() } = this.#options;
    const signed = { audience: 'tenant', method: 'POST', path: new URL(url).pathname, body };
    const caller = { principal: encodePrincipal(principal) };
    const signature = signPrincipal(principalSecret, signed, caller, now().getTime());
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signature },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(deadlineMs),
      });
      return await response.json();
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') {
        throw new AppError('SUBGRAPH_TIMEOUT', `The tenant subgraph did not answer within ${deadlineMs} ms`, {
          cause: error,
        });
      }
      throw unavailable('cannot be reached', error);
    }
  }
}

function unavailable(what: string, cause: unknown): AppError {
  return new AppError('SUBGRAPH_UNAVAILABLE', `The tenant subgraph ${what}`, { cause });
}
