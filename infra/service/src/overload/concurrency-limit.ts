/** What the last interval showed of a process. */
export interface LoadSample {
  readonly intervalMs: number;
  /** Share of the interval that the event loop was busy, 0 to 1. */
  readonly utilization: number;
  /** How long a turn of the event loop took on average while it was busy. */
  readonly turnMs: number;
  /** Work that ended. */
  readonly completed: number;
  readonly inFlight: number;
  /** Who was sent away. */
  readonly refused: number;
}

export interface ConcurrencyLimitOptions {
  /** Whatever the load, no more than this is under way. */
  readonly maxConcurrent: number;
  /**
   * How much longer than unhindered work may take once the processor is the bottleneck. Default 20 ms: more under way is not done
   * sooner, but is what the collector of garbage has to carry about. An operation of a heavy query costs a tenth more
   * with 100 under way than with 30, and half more with 250.
   */
  readonly targetMs?: number;
}

/** How much may be under way, and how fast it ends. */
export interface ConcurrencyLimit {
  readonly current: number;
  /** Work that can end in a millisecond, as far as it has been put to the test lately. */
  readonly perMs: number;
  /** Whether the processor has been what everything waits for. */
  readonly isBusy: boolean;
  observe(sample: LoadSample): void;
}

/** Before much has been asked at once nobody knows how fast it goes: a thousand a second. */
const guessedPerMs = 1;
/** From here on the processor is what everything waits for. */
const saturated = 0.9;
const minConcurrent = 8;
/** So much is always let in while the processor has time. */
const unhinderedConcurrent = 64;
/** Sending somebody away costs about this; measured with Fastify on one core. */
const refusalMs = 0.04;
/** Reading, asking upstream, reading, answering: work goes on once in each of so many turns. */
const turnsOfWork = 4;
const smoothing = 0.3;
/** Of time that work takes longer than it did: a moment in which hardly anything ends must not look usual, nor last for years. */
const lengthening = 0.02;

const mix = (before: number, now: number, share = smoothing): number => before + (now - before) * share;

/**
 * Finds how much work may be under way at once, by Little's law: what ends in a millisecond, times how long work should
 * take. Only a busy processor narrows it: where work waits for slow subgraphs or databases while this process idles, more of
 * it does no harm, and less would punish those who ask for something else.
 */
export function createConcurrencyLimit({ maxConcurrent, targetMs = 20 }: ConcurrencyLimitOptions): ConcurrencyLimit {
  let current = Math.min(maxConcurrent, unhinderedConcurrent);
  let perMs = guessedPerMs;
  /** How long work takes while nothing hinders it. */
  let unhinderedMs = 0;
  /** Smoothed utilization. */
  let busy = 0;

  /** A surge finds room at once, but not so much that the processor drowns before the next look at it. */
  const settle = (inFlight: number, endsPerMs: number): void => {
    if (endsPerMs > 0) {
      const takesMs = Math.min(inFlight / endsPerMs, 2 * unhinderedMs + targetMs);
      unhinderedMs = mix(unhinderedMs, takesMs, takesMs > unhinderedMs ? lengthening : smoothing);
    }
    const wanted = Math.max(unhinderedConcurrent, 2 * inFlight);
    current = Math.min(maxConcurrent, wanted);
  };

  return {
    get current() {
      return Math.round(current);
    },
    get perMs() {
      return perMs;
    },
    get isBusy() {
      return busy >= saturated;
    },
    observe({ intervalMs, utilization, turnMs, completed, inFlight, refused }) {
      const isTested = inFlight >= Math.round(current);
      busy = mix(busy, utilization);
      // Little work that was asked for says nothing of how much could be done.
      perMs = isTested ? mix(perMs, completed / intervalMs) : Math.max(perMs, mix(perMs, guessedPerMs));
      if (busy < saturated) {
        if (isTested) current = Math.min(maxConcurrent, current * 1.1 + 1);
        else settle(inFlight, completed / intervalMs);
        return;
      }
      // Turns that are long because many are sent away in them are no reason to let in even fewer; those that are long for
      // want of a processor are.
      const refusing = Math.min(1, (refused * refusalMs) / intervalMs);
      const refusingMs = turnsOfWork * Math.min(turnMs, targetMs) * refusing;
      const wantedMs = Math.min(unhinderedMs, 10 * targetMs) + targetMs + refusingMs;
      current = mix(current, Math.min(maxConcurrent, Math.max(minConcurrent, perMs * wantedMs)));
    },
  };
}
