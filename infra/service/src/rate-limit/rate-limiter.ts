import type { Rate } from './rate.js';

/** One limit: everybody whom it is for has a bucket of this rate. */
export interface RateRule {
  /** From a closed set: it names metrics, headers and keys. */
  readonly name: string;
  readonly rate: Rate;
  /**
   * What becomes of more units at once than the bucket holds. Strict: they are refused whenever they come. Else they are
   * taken from a full bucket, which then owes what it did not have.
   */
  readonly isStrict: boolean;
}

/** Units that are to be taken out of one bucket. */
export interface Charge {
  readonly rule: RateRule;
  /** Whose bucket, unique within the rule. */
  readonly id: string;
  /** Charges of equal group are kept on one node of a Redis Cluster, so that they are taken together: a tenant, an address. */
  readonly group: string;
  /** Whole units, at least 1. */
  readonly units: number;
}

/** One bucket after a decision. */
export interface Standing {
  readonly rule: RateRule;
  /** Whole units that may be taken now. */
  readonly remaining: number;
  /** Milliseconds until the bucket is full. */
  readonly resetMs: number;
  /** Milliseconds until these units can be had; 0 where they could be, `Infinity` where they never can. */
  readonly retryAfterMs: number;
}

/** What became of some charges: all were taken, or none. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** In the order of the charges. */
  readonly standings: readonly Standing[];
}

/**
 * Buckets that fill steadily (the generic cell rate algorithm, ITU-T I.371: exact, one number a bucket).
 *
 * A limiter never breaks a request: where its store is away it decides by what this process knows.
 */
export interface RateLimiter {
  /** Takes all units or, where one bucket has too few, none. At once where no other process need be asked. */
  take(charges: readonly Charge[]): Verdict | Promise<Verdict>;
  /** Whether this process knows already that the charges would be refused; costs no round trip and takes nothing. */
  refusalOf(charges: readonly Charge[]): Verdict | undefined;
}
