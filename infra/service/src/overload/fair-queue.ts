/** One that waits for its turn. */
export interface Waiting {
  readonly key: string;
  /** Milliseconds of a clock that never goes back, after which it waits no more. */
  readonly untilMs: number;
  readonly signal: AbortSignal | undefined;
  readonly enter: () => void;
  readonly refuse: () => void;
}

/** A queue with its front at an index, so that taking from it moves nothing. */
interface Line {
  readonly entries: (Waiting | undefined)[];
  front: number;
}

/**
 * A line for each key, served in turn: who has many waiting waits longer, and who has few is not made to wait behind them.
 * Within a line who came first goes first; since no line outlasts its wait, nobody is served whose client has given up.
 */
export class FairQueue {
  readonly #lines = new Map<string, Line>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many keys have somebody waiting. */
  get keys(): number {
    return this.#lines.size;
  }

  sizeOf(key: string): number {
    const line = this.#lines.get(key);
    return line === undefined ? 0 : line.entries.length - line.front;
  }

  push(waiting: Waiting): void {
    const line = this.#lines.get(waiting.key);
    if (line === undefined) this.#lines.set(waiting.key, { entries: [waiting], front: 0 });
    else line.entries.push(waiting);
    this.#size += 1;
  }

  /** Takes the first of the line whose turn it is; that line goes to the end. */
  shift(): Waiting | undefined {
    for (const [key, line] of this.#lines) {
      this.#lines.delete(key);
      const next = this.#take(line);
      if (line.front < line.entries.length) this.#lines.set(key, line);
      return next;
    }
    return undefined;
  }

  /** Sends away who has waited long enough. @returns how many */
  expire(nowMs: number): number {
    const before = this.#size;
    for (const [key, line] of this.#lines) {
      while (isOver(line.entries[line.front], nowMs)) this.#take(line)?.refuse();
      if (line.front === line.entries.length) this.#lines.delete(key);
    }
    return before - this.#size;
  }

  #take(line: Line): Waiting | undefined {
    const next = line.entries[line.front];
    // At once: whoever was served holds on to its request, and that to its answer.
    line.entries[line.front] = undefined;
    line.front += 1;
    this.#size -= 1;
    // The places are taken back now and then, not each time: that would move the whole line.
    if (line.front > 512 && line.front * 2 > line.entries.length) {
      line.entries.splice(0, line.front);
      line.front = 0;
    }
    return next;
  }
}

function isOver(waiting: Waiting | undefined, nowMs: number): boolean {
  return waiting !== undefined && (waiting.untilMs <= nowMs || waiting.signal?.aborted === true);
}
