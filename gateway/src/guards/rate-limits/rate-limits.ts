import { AppError } from '@tessera/service/errors';
import type { Charge, RateLimiter, Verdict } from '@tessera/service/rate-limit';
import type { OperationDefinitionNode } from 'graphql';
import type { Caller } from '../../context.js';
import type { AdmittedOperation } from '../admit-operation.js';
import type { Authenticate } from '../authenticate.js';
import { addCharge, addressOf, chargesOf, type Asker } from './charges.js';
import { setRateLimitHeaders } from './rate-limit-headers.js';
import type { RateLimitMetrics } from './rate-limit-metrics.js';
import type { RateRules, RulePair } from './rate-rules.js';

/** The plan of a tenant; at once where it is known, `undefined` where it cannot be found out. */
export type PlanOf = (tenantId: string) => string | undefined | Promise<string | undefined>;

export interface RateLimitsOptions {
  readonly rules: RateRules;
  readonly limiter: RateLimiter;
  /** Names of root fields of mutations that are counted one by one. */
  readonly sensitiveMutations: ReadonlySet<string>;
  readonly planOf: PlanOf | undefined;
  readonly metrics: RateLimitMetrics;
}

/** An operation that was found and may be counted. */
export interface CountedOperation {
  readonly operation: OperationDefinitionNode;
  readonly admitted: Pick<AdmittedOperation, 'cost' | 'rootFields'>;
}

/** How often somebody may ask; the same on every transport. */
export interface RateLimits {
  /** As the authentication, but who tries tokens that are not valid is counted. */
  authenticate(authorization: string | undefined, clientAddress: string): Caller | Promise<Caller>;
  /**
   * Refuses at once, before anything is read, whom a limit has just refused.
   *
   * @throws AppError `RATE_LIMITED`
   */
  assertNotSpent(asker: Asker): void;
  /**
   * Counts an operation, or a request in which none was found.
   *
   * @returns undefined where no other process had to be asked
   * @throws AppError `RATE_LIMITED` with `retryAfterSeconds`, and the limit's name in `details`
   */
  admit(asker: Asker, operation?: CountedOperation): Promise<void> | undefined;
}

const nothing: RulePair = { requests: undefined, cost: undefined };

/** Creates the limits over the buckets of a limiter. */
export function createRateLimits(authenticate: Authenticate, options: RateLimitsOptions): RateLimits {
  const { rules, limiter, sensitiveMutations, planOf, metrics } = options;
  /** Each occurrence is an attempt, whatever aliases and fragments it hides in. */
  const countSensitive = ({ operation, admitted: { rootFields } }: CountedOperation): number => {
    if (rules.sensitive === undefined || operation.operation !== 'mutation') return 0;
    let count = 0;
    for (const [name, times] of rootFields) if (sensitiveMutations.has(name)) count += times;
    return count;
  };

  const settle = (verdict: Verdict, { setResponseHeader }: Partial<Asker>): void => {
    metrics.decided(verdict);
    if (setResponseHeader !== undefined) setRateLimitHeaders(verdict.standings, setResponseHeader);
    if (!verdict.isAllowed) throw refusal(verdict);
  };

  const charge = (asker: Asker, tenantRules: RulePair, operation: CountedOperation | undefined): readonly Charge[] => {
    const charges = chargesOf(asker, rules, tenantRules, Math.max(1, Math.ceil(operation?.admitted.cost ?? 1)));
    const sensitive = operation === undefined ? 0 : countSensitive(operation);
    const address = addressOf(asker);
    addCharge(charges, rules.sensitive, address, address, sensitive);
    return charges;
  };

  /** Counts who came with a token that is not valid. @throws the error, or AppError `RATE_LIMITED` */
  const refuse = async (error: unknown, clientAddress: string): Promise<never> => {
    const { invalidToken } = rules;
    if (invalidToken === undefined || !(error instanceof AppError) || error.code !== 'UNAUTHENTICATED') throw error;
    const attempt = { rule: invalidToken, id: clientAddress, group: clientAddress, units: 1 };
    settle(await limiter.take([attempt]), {});
    throw error;
  };

  const take = (asker: Asker, tenantRules: RulePair, operation: CountedOperation | undefined): Promise<void> | void => {
    const charges = charge(asker, tenantRules, operation);
    if (charges.length === 0) return undefined;
    const verdict = limiter.take(charges);
    if (verdict instanceof Promise) return verdict.then((decided) => settle(decided, asker));
    return settle(verdict, asker);
  };

  return {
    authenticate(authorization, clientAddress) {
      try {
        const caller = authenticate(authorization);
        if (!(caller instanceof Promise)) return caller;
        return caller.catch((error: unknown) => refuse(error, clientAddress));
      } catch (error) {
        return refuse(error, clientAddress);
      }
    },
    assertNotSpent(asker) {
      const verdict = limiter.refusalOf(chargesOf(asker, rules, nothing, 1));
      if (verdict !== undefined) settle(verdict, asker);
    },
    admit(asker, operation) {
      const { tenantId } = asker.principal;
      const plan = tenantId === undefined ? undefined : planOf?.(tenantId);
      if (plan instanceof Promise) return plan.then((known) => take(asker, rules.ofPlan(known), operation));
      return take(asker, rules.ofPlan(plan), operation) ?? undefined;
    },
  };
}

function refusal({ standings }: Verdict): AppError {
  const worst = standings.reduce((one, other) => (other.retryAfterMs > one.retryAfterMs ? other : one));
  const limit = worst.rule.name;
  if (!Number.isFinite(worst.retryAfterMs)) {
    const { burst } = worst.rule.rate;
    return new AppError(
      'RATE_LIMITED',
      `The operation asks for more at once than the limit ${limit} allows (${burst})`,
      {
        details: { limit },
      },
    );
  }
  return new AppError('RATE_LIMITED', `Too many requests: the limit ${limit} is used up for now`, {
    details: { limit },
    retryAfterSeconds: Math.max(1, Math.ceil(worst.retryAfterMs / 1_000)),
  });
}
