import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work in pieces: between two of them, where it yields, somebody else may have a turn of the event loop. */
export type Pieces<Result> = Generator<void, Result, void>;

/** What one turn may take before others have theirs; one piece of the work more, in fact. */
const maxTurnMs = 2;

/** After so much work somebody else is to have a turn before there is more. */
const longMs = 1;

/** Does the work at once. */
export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
  }
}

/** Does the work beside everything else, a few milliseconds of it in each turn. */
export async function inTurns<Result>(pieces: Pieces<Result>): Promise<Result> {
  for (;;) {
    const endsAtMs = performance.now() + maxTurnMs;
    do {
      const step = pieces.next();
      if (step.done === true) return step.value;
    } while (performance.now() < endsAtMs);
    await nextTurn();
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
