import { describe, fits, takenMs } from './bucket.js';
import type { Charge, RateLimiter, Verdict } from './rate-limiter.js';
import { RecentMap } from './recent-map.js';

export interface InProcessRateLimiterOptions {
  /**
   * So many buckets of one rule that were used last are kept for certain, and never more than twice as many; one that was
   * forgotten is full again. Default 25,000 (some 4 MB).
   */
  readonly bucketsKept?: number;
  /** Milliseconds of a clock that never goes back; default `performance.now`. */
  readonly now?: () => number;
}

/** A {@link RateLimiter} that never has to wait. */
export interface InProcessRateLimiter extends RateLimiter {
  take(charges: readonly Charge[]): Verdict;
}

/** One bucket: when it will be full. */
interface Bucket {
  fullAtMs: number;
}

/** Creates a {@link RateLimiter} of this process alone. */
export function createInProcessRateLimiter(options: InProcessRateLimiterOptions = {}): InProcessRateLimiter {
  const { bucketsKept = 25_000, now = () => performance.now() } = options;
  const rules = new Map<string, RecentMap<Bucket>>();

  const bucketsOf = (name: string): RecentMap<Bucket> => {
    const known = rules.get(name);
    if (known !== undefined) return known;
    const buckets = new RecentMap<Bucket>(bucketsKept);
    rules.set(name, buckets);
    return buckets;
  };
  const levelOf = ({ rule, id }: Charge, nowMs: number): number => {
    const bucket = bucketsOf(rule.name).get(id);
    return bucket === undefined || bucket.fullAtMs <= nowMs ? 0 : bucket.fullAtMs - nowMs;
  };
  const fill = (charge: Charge, nowMs: number, levelMs: number): void => {
    const buckets = bucketsOf(charge.rule.name);
    const bucket = buckets.get(charge.id);
    const fullAtMs = nowMs + levelMs + takenMs(charge);
    if (bucket === undefined) buckets.set(charge.id, { fullAtMs });
    else bucket.fullAtMs = fullAtMs;
  };

  return {
    take(charges) {
      const nowMs = now();
      const levels: number[] = [];
      let isAllowed = true;
      for (const charge of charges) {
        const levelMs = levelOf(charge, nowMs);
        levels.push(levelMs);
        isAllowed &&= fits(charge, levelMs);
      }
      const levelMsOf = (index: number): number => levels[index] ?? 0;
      if (isAllowed) charges.forEach((charge, index) => fill(charge, nowMs, levelMsOf(index)));
      return describe(charges, levelMsOf, isAllowed);
    },
    refusalOf(charges) {
      const nowMs = now();
      // Nearly always nothing is refused.
      if (charges.every((charge) => fits(charge, levelOf(charge, nowMs)))) return undefined;
      return describe(charges, (index) => levelOf(charges[index] as Charge, nowMs), false);
    },
  };
}
