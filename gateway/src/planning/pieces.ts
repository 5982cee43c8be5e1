import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work in pieces: between two of them, where it yields, somebody else may have a turn of the event loop. */
export type Pieces<Result> = Generator<void, Result, void>;

/** What one turn may take before others have theirs; one piece of the work more, in fact. */
const maxTurnMs = 2;

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
