/** Who reads a large answer, and stops after some of it. */
export interface LargeReader {
  readonly isPaused: boolean;
  readOn(): void;
}

/** Whether what is read takes more memory than is meant for it. */
export interface ReadingMemory {
  readonly areShort: boolean;
}

/** How one reads on. */
interface Turn {
  /** 0: it was not told to. */
  readonly toldAtMs: number;
  /** What is counted of it, and since when. */
  readonly bytes: number;
  readonly sinceMs: number;
}

const untold: Turn = Object.freeze({ toldAtMs: 0, bytes: 0, sinceMs: 0 });

/** So many of them are read at a time: in one turn of the event loop half a megabyte together, 0.2 to 0.4 ms of copying. */
const maxReaders = 4;
/** How long one that was told to read on is waited for. Who sends less than 60 MB a second holds up nobody else's answer. */
const patienceMs = 2;
/**
 * While memory is short, the first one alone is read, whose memory is free again the sooner, as long as it brings at least so much in so
 * long; a slower one goes to the end of the line. It is little: a network that is busy fills the kernel's memory for all who wait, too.
 */
const trialMs = 100;
const leastBytes = 65_536;

/**
 * Decides which large answers of one origin are read on: those that began first. The others wait in the kernel, which has their
 * senders wait; so a hundred of them take neither everybody's time nor memory for all.
 */
export class ReadingOrder {
  readonly #turns = new Map<LargeReader, Turn>();
  #isTurnDue = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #memory: ReadingMemory;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that only goes on */
  constructor(memory: ReadingMemory, now = (): number => performance.now()) {
    this.#memory = memory;
    this.#now = now;
  }

  /** It has paused, and is to be told when to read on. @param bytes what it has read since it was told the last time */
  enter(reader: LargeReader, bytes: number): void {
    const turn = this.#turns.get(reader) ?? untold;
    this.#turns.set(reader, { ...turn, bytes: turn.bytes + bytes });
    this.#scheduleTurn();
  }

  /** It has caught up, or is through. */
  leave(reader: LargeReader): void {
    if (this.#turns.delete(reader) && this.#turns.size > 0) this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    clearTimeout(this.#timer);
    const nowMs = this.#now();
    const isShort = this.#memory.areShort;
    const [most, patience] = isShort ? [1, trialMs] : [maxReaders, patienceMs];
    let reading = 0;
    for (const [reader, turn] of this.#turns) {
      if (!reader.isPaused) {
        if (nowMs - turn.toldAtMs < patience) reading += 1;
      } else if (reading >= most) {
        // Told when one of the others pauses, too, which is mostly sooner.
        this.#timer = setTimeout(() => this.#turn(), patienceMs);
        return;
      } else if (isShort && isTooSlow(turn, nowMs)) {
        // It comes last now, also in this loop.
        this.#turns.delete(reader);
        this.#turns.set(reader, untold);
      } else {
        reading += 1;
        this.#turns.set(reader, told(turn, nowMs));
        reader.readOn();
      }
    }
  }
}

/** It had its time, and has brought little. */
function isTooSlow({ toldAtMs, bytes, sinceMs }: Turn, nowMs: number): boolean {
  return toldAtMs > 0 && nowMs - sinceMs >= trialMs && bytes < leastBytes;
}

/** Of one whose time is over, the next is counted from now. */
function told({ toldAtMs, bytes, sinceMs }: Turn, nowMs: number): Turn {
  const isNew = toldAtMs === 0 || nowMs - sinceMs >= trialMs;
  return { toldAtMs: nowMs, bytes: isNew ? 0 : bytes, sinceMs: isNew ? nowMs : sinceMs };
}
