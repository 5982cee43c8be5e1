import type { Charge, Standing, Verdict } from './rate-limiter.js';

/** Sums of binary fractions are off by less; a unit takes far longer. */
const toleranceMs = 0.01;

/** How many milliseconds' worth of filling a bucket must have free for a charge. */
export function neededMs({ rule: { rate, isStrict }, units }: Charge): number {
  return (isStrict ? units : Math.min(units, rate.burst)) * rate.intervalMs;
}

/** How many milliseconds' worth of filling a charge takes. */
export function takenMs({ rule, units }: Charge): number {
  return units * rule.rate.intervalMs;
}

/** Whether a bucket that will be full in `levelMs` can bear a charge. */
export function fits(charge: Charge, levelMs: number): boolean {
  return levelMs + neededMs(charge) <= charge.rule.rate.capacityMs + toleranceMs;
}

/**
 * Describes the buckets after a decision.
 *
 * @param levelMs how long each bucket had to fill before the decision, in milliseconds
 */
export function describe(charges: readonly Charge[], levelMs: (index: number) => number, isAllowed: boolean): Verdict {
  const standings = charges.map((charge, index): Standing => {
    const { rule } = charge;
    const { intervalMs, capacityMs } = rule.rate;
    const before = levelMs(index);
    const after = isAllowed ? before + takenMs(charge) : before;
    const needed = neededMs(charge);
    const lacking = fits(charge, before) ? 0 : before + needed - capacityMs;
    return {
      rule,
      remaining: Math.max(0, Math.floor((capacityMs - after + toleranceMs) / intervalMs)),
      resetMs: after,
      retryAfterMs: isAllowed ? 0 : needed > capacityMs + toleranceMs ? Number.POSITIVE_INFINITY : lacking,
    };
  });
  return { isAllowed, standings };
}
