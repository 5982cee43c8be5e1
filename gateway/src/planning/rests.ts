import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const { NODE_PERFORMANCE_GC_INCREMENTAL: markingBegins, NODE_PERFORMANCE_GC_MAJOR: markingEnds } = constants;

/** The longest that work waits for V8 to have marked what lives; it takes a tenth of a second beside requests. */
const maxMarkingMs = 1_000;
const pollMs = 10;

/**
 * How many times as long as the work before it a rest is. A request takes several turns of the event loop, one after each answer
 * of a subgraph: without rests it would wait for a turn of the work in each of them.
 */
const restTimes = 4;

/**
 * After so much work what it has made is moved: half a megabyte, in 1 to 2 ms. A collection takes 0.5 ms with nothing to move, so one
 * in every rest would be most of what a new supergraph costs.
 */
const workBeforeCollectionMs = 3;

/** Less work than this is no reason to rest yet. */
const minWorkMs = 0.5;

/** Rests between two parts of some work. */
export type Pause = () => Promise<void>;

/**
 * Rests of work that is done beside requests, in which the time is theirs. What the work has made is moved out of V8's young
 * generation meanwhile, where Node runs with `--expose-gc`: left to V8 it is moved all at once, which takes several milliseconds.
 * While V8 marks what lives, between requests and little by little, the work stays away instead: a collection that is asked for
 * would end the marking at once (60 ms for 45 MB), and V8's own, which do not, would have all to move that it makes meanwhile.
 */
export class Rests {
  #isMarking = false;
  #uncollectedWorkMs = 0;
  readonly #observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = kindOf(entry);
      if (kind === markingBegins) this.#isMarking = true;
      else if (kind === markingEnds) this.#isMarking = false;
    }
  });

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** Leaves the time to others. @param workedMs what the work before took of the event loop */
  async take(workedMs: number): Promise<void> {
    const durationMs = workedMs * restTimes;
    this.#uncollectedWorkMs += workedMs;
    await delay(durationMs / 2);
    for (let waitedMs = 0; this.#isMarking && waitedMs < maxMarkingMs; waitedMs += pollMs) await delay(pollMs);
    if (!this.#isMarking && this.#uncollectedWorkMs >= workBeforeCollectionMs) this.#collect();
    await delay(durationMs / 2);
  }

  /** @returns what rests for the work that the event loop has had since the last time, whoever's it was */
  pauses(): Pause {
    let since = performance.eventLoopUtilization();
    return async () => {
      const { active: workedMs } = performance.eventLoopUtilization(since);
      if (workedMs < minWorkMs) return;
      await this.take(workedMs);
      since = performance.eventLoopUtilization();
    };
  }

  #collect(): void {
    this.#uncollectedWorkMs = 0;
    globalThis.gc?.({ type: 'minor' });
  }

  close(): void {
    this.#observer.disconnect();
  }
}

/** Which collection it is about; see `perf_hooks.constants`. */
function kindOf(entry: object): unknown {
  const detail = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined;
}
