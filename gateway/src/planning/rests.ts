import { constants, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const { NODE_PERFORMANCE_GC_INCREMENTAL: markingBegins, NODE_PERFORMANCE_GC_MAJOR: markingEnds } = constants;

/** The longest that work waits for V8 to have marked what lives; it takes a tenth of a second beside requests. */
const maxMarkingMs = 1_000;
const pollMs = 10;

/**
 * Rests of work that is done beside requests, in which the time is theirs. What the work has made is moved out of V8's young
 * generation meanwhile, where Node runs with `--expose-gc`: left to V8 it is moved all at once, which takes several milliseconds.
 * While V8 marks what lives, between requests and little by little, the work stays away instead: a collection that is asked for
 * would end the marking at once (60 ms for 45 MB), and V8's own, which do not, would have all to move that it makes meanwhile.
 */
export class Rests {
  #isMarking = false;
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

  /** Leaves the time to others. @param durationMs at least for so long */
  async take(durationMs: number): Promise<void> {
    await delay(durationMs / 2);
    for (let waitedMs = 0; this.#isMarking && waitedMs < maxMarkingMs; waitedMs += pollMs) await delay(pollMs);
    if (!this.#isMarking) globalThis.gc?.({ type: 'minor' });
    await delay(durationMs / 2);
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
