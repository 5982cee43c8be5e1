import type { DeliveredAnswer } from '../../transport/answer-delivery.js';
import type { CacheKey } from '../cache-key.js';

/** What an operation came to, for who waited for it. */
export interface Landed {
  readonly answer: DeliveredAnswer;
  /** Whoever has the same key may have the answer; undefined where nobody may. */
  readonly sharedUnder: CacheKey | undefined;
}

interface Flight {
  readonly landed: Promise<Landed | undefined>;
  /** The clock of invalidations from before it began. */
  readonly stamp: number;
}

/** Operations that run now, so that equal ones can wait for the same answer. */
export class AnswerFlights {
  readonly #flights = new Map<string, Flight>();

  /**
   * Finds what runs already, for as long as nothing has been invalidated since it began.
   *
   * @param key of the narrowest scope that the answer may turn out to have
   */
  find(key: CacheKey, stamp: number): Promise<Landed | undefined> | undefined {
    const flight = this.#flights.get(key.text);
    return flight !== undefined && flight.stamp >= stamp ? flight.landed : undefined;
  }

  /** Runs something that others may wait for. */
  async lead(key: CacheKey, stamp: number, work: () => Promise<Landed>): Promise<Landed> {
    const running = work();
    const flight: Flight = { landed: running.catch(() => undefined), stamp };
    this.#flights.set(key.text, flight);
    try {
      return await running;
    } finally {
      if (this.#flights.get(key.text) === flight) this.#flights.delete(key.text);
    }
  }
}

/** Waits for something, but no longer than a time, and not for who has left. @returns undefined where it did not come */
export async function waitBounded<T>(work: Promise<T>, maxWaitMs: number, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  let stop = (): void => undefined;
  const bound = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
  });
  const timer = setTimeout(stop, maxWaitMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, bound]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
