import { describe, fits } from './bucket.js';
import type { Charge, Verdict } from './rate-limiter.js';
import { RecentMap } from './recent-map.js';

/**
 * Buckets that the store has found empty. Whatever other processes do, they can only take more out, so until such a bucket
 * has filled again its refusals need no round trip: a flood costs the store one question per refill, not one per request.
 */
export interface KnownRefusals {
  refusalOf(charges: readonly Charge[]): Verdict | undefined;
  /** Remembers what the store answered to charges that it refused. */
  remember(charges: readonly Charge[], verdict: Verdict): void;
}

/** @param now milliseconds of a clock that never goes back */
export function createKnownRefusals(bucketsKept: number, now: () => number): KnownRefusals {
  const fullAtMs = new RecentMap<number>(bucketsKept);
  const keyOf = ({ rule, id }: Charge): string => `${rule.name} ${id}`;
  let isEmptyFromMs = Number.NEGATIVE_INFINITY;

  return {
    refusalOf(charges) {
      const nowMs = now();
      // Nearly always nothing is refused, and then nothing is looked up.
      if (nowMs >= isEmptyFromMs) return undefined;
      const levelMs = (index: number): number => {
        const until = fullAtMs.get(keyOf(charges[index] as Charge)) ?? 0;
        return until > nowMs ? until - nowMs : 0;
      };
      if (charges.every((charge, index) => fits(charge, levelMs(index)))) return undefined;
      return describe(charges, levelMs, false);
    },
    remember(charges, { standings }) {
      const nowMs = now();
      charges.forEach((charge, index) => {
        const standing = standings[index];
        if (standing === undefined || standing.retryAfterMs === 0) return;
        const until = nowMs + standing.resetMs;
        fullAtMs.set(keyOf(charge), until);
        isEmptyFromMs = Math.max(isEmptyFromMs, until);
      });
    },
  };
}
