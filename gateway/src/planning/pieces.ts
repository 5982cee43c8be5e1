import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Rests } from './rests.js';

/** Work in pieces: between two of them, where it yields, somebody else may have a turn of the event loop. */
export type Pieces<Result> = Generator<void, Result, void>;

/** How fast such work is done: {@link atOnce} or {@link inTurns}. */
export type Pace = <Result>(pieces: Pieces<Result>) => Result | Promise<Result>;

/** What one turn may take before others have theirs; one piece of the work more, in fact. */
const maxTurnMs = 1;

/** After so much work somebody else is to have a turn before there is more. */
const longMs = 1;

/** Does the work at once. */
export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
  }
}

/** Does the work beside everything else, a millisecond of it at a time, and leaves most of the time to others. */
export async function inTurns<Result>(pieces: Pieces<Result>, rests: Pick<Rests, 'take'>): Promise<Result> {
  for (;;) {
    const startedAtMs = performance.now();
    let tookMs = 0;
    do {
      const step = pieces.next();
      if (step.done === true) return step.value;
      tookMs = performance.now() - startedAtMs;
    } while (tookMs < maxTurnMs);
    await rests.take(tookMs);
  }
}

/**
 * Gives everybody else a turn of the event loop where the work that is just over was long; most of it is not.
 *
 * @param startedAtMs by `performance.now`, when it began
 */
export async function turnAfter(startedAtMs: number): Promise<void> {
  if (performance.now() - startedAtMs >= longMs) await nextTurn();
}
