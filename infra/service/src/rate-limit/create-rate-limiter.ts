import type { Logger } from '../logging/index.js';
import { createInProcessRateLimiter } from './in-process-rate-limiter.js';
import { createKnownRefusals } from './known-refusals.js';
import type { RateLimiter, Verdict } from './rate-limiter.js';
import type { SharedBuckets } from './redis-rate-limiter.js';

export interface CreateRateLimiterOptions {
  /** The buckets that all processes share; without them each process has its own. */
  readonly shared?: SharedBuckets | undefined;
  readonly logger: Logger;
  /** Told when the shared buckets are lost, and when they are back. */
  readonly onDegraded?: (isDegraded: boolean) => void;
  /** See `InProcessRateLimiterOptions`. Default 25,000. */
  readonly bucketsKept?: number;
  /** Milliseconds of a clock that never goes back; default `performance.now`. */
  readonly now?: () => number;
}

/** After a failure the shared buckets are left alone for so long: who asked them anew each time would wait each time. */
const restMs = 1_000;

/**
 * Creates the limiter of a process. While Redis is away each process limits by itself, by the same rules: a caller gets at
 * most as many times its rate as there are processes. Neither is a request refused for want of Redis, nor is anybody let
 * in without a limit.
 */
export function createRateLimiter(options: CreateRateLimiterOptions): RateLimiter {
  const { shared, logger, onDegraded = () => undefined, bucketsKept = 25_000, now = () => performance.now() } = options;
  const own = createInProcessRateLimiter({ bucketsKept, now });
  if (shared === undefined) return own;
  const refusals = createKnownRefusals(bucketsKept, now);
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  let isDegraded = false;

  const lose = (error: unknown): void => {
    restsUntilMs = now() + restMs;
    if (isDegraded) return;
    isDegraded = true;
    onDegraded(true);
    logger.warn({ err: error }, 'rate limits are counted by this process alone');
  };
  const recover = (): void => {
    isDegraded = false;
    onDegraded(false);
    logger.info('rate limits are shared again');
  };

  return {
    take(charges) {
      const known = refusals.refusalOf(charges);
      if (known !== undefined) return known;
      const nowMs = now();
      if (nowMs < restsUntilMs) return own.take(charges);
      // Of all that come while nobody knows whether it is back, one tries; the others do not wait for it.
      if (isDegraded) restsUntilMs = nowMs + restMs;
      return shared.take(charges).then(
        (verdict): Verdict => {
          if (isDegraded) {
            restsUntilMs = Number.NEGATIVE_INFINITY;
            recover();
          }
          if (!verdict.isAllowed) refusals.remember(charges, verdict);
          return verdict;
        },
        (error: unknown): Verdict => {
          lose(error);
          return own.take(charges);
        },
      );
    },
    refusalOf: (charges) => refusals.refusalOf(charges) ?? (isDegraded ? own.refusalOf(charges) : undefined),
  };
}
