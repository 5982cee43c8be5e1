/** Who reads a large answer, and stops after some of it. */
export interface LargeReader {
  readonly isPaused: boolean;
  readOn(): void;
}

/** So many of them are read at a time: in one turn of the event loop half a megabyte together, 0.2 to 0.4 ms of copying. */
const maxReaders = 4;
/** How long one that was told to read on is waited for. Who sends less than 60 MB a second holds up nobody else's answer. */
const patienceMs = 2;
/** The same while memory is short. Then one is read at a time, whose memory is free again the sooner. */
const shortPatienceMs = 100;

/** Whether what is read takes more memory than is meant for it. */
export interface ReadingMemory {
  readonly areShort: boolean;
}

/**
 * Decides which large answers of one origin are read on: those that began first. The others wait in the kernel, which has their
 * senders wait; so a hundred of them take neither everybody's time nor memory for all.
 */
export class ReadingOrder {
  /** Each with when it was told to read on. */
  readonly #readers = new Map<LargeReader, number>();
  #isTurnDue = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #memory: ReadingMemory;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that only goes on */
  constructor(memory: ReadingMemory, now = (): number => performance.now()) {
    this.#memory = memory;
    this.#now = now;
  }

  /** It has paused, and is to be told when to read on. */
  enter(reader: LargeReader): void {
    if (!this.#readers.has(reader)) this.#readers.set(reader, 0);
    this.#scheduleTurn();
  }

  /** It has caught up, or is through. */
  leave(reader: LargeReader): void {
    if (this.#readers.delete(reader) && this.#readers.size > 0) this.#scheduleTurn();
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
    const [most, patience] = this.#memory.areShort ? [1, shortPatienceMs] : [maxReaders, patienceMs];
    let reading = 0;
    for (const [reader, toldAtMs] of this.#readers) {
      if (!reader.isPaused) {
        if (nowMs - toldAtMs < patience) reading += 1;
      } else if (reading < most) {
        reading += 1;
        this.#readers.set(reader, nowMs);
        reader.readOn();
      } else {
        // Told when one of the others pauses, too, which is mostly sooner.
        this.#timer = setTimeout(() => this.#turn(), patienceMs);
        return;
      }
    }
  }
}
