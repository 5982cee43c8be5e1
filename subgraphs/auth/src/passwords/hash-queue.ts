import { AppError } from '@tessera/service/errors';
import { FairQueue } from '@tessera/service/overload';

export interface HashQueueOptions {
  readonly maxConcurrent: number;
  /** How many wait at most; where several compete, all together twice as many, so that each gets a share. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
  /** Told of everybody who is sent away. */
  readonly onRefused?: () => void;
}

const noTurn = () => () => undefined;

/**
 * Lets so many hashes run at once. The rest waits, a line for each key (the address of a client), not many and not for long:
 * who would wait is sent away at once where too many do.
 */
export class HashQueue {
  readonly #options: HashQueueOptions;
  readonly #waiting = new FairQueue();
  #running = 0;
  #refused = 0;

  constructor(options: HashQueueOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws AppError `OVERLOADED` with `retryAfterSeconds` where `run` would throw it now */
  assertRoom(key: string): void {
    if (this.#isFullFor(key)) throw this.#refusal();
  }

  /**
   * @param standAside gives the turn of who has something hashed to others, until what it returns is called: neither waiting
   *   nor hashing costs the event loop anything
   * @throws AppError `OVERLOADED` with `retryAfterSeconds`, at once or after the longest wait
   */
  async run<T>(key: string, work: () => Promise<T>, standAside: () => () => void = noTurn): Promise<T> {
    const comeBack = standAside();
    try {
      return await this.#runInTurn(key, work);
    } finally {
      comeBack();
    }
  }

  async #runInTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.maxConcurrent) this.#running += 1;
    else await this.#turnOf(key);
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#letNextIn();
    }
  }

  #turnOf(key: string): Promise<void> {
    this.assertRoom(key);
    const untilMs = performance.now() + this.#options.maxWaitMs;
    return new Promise((resolve, reject) => {
      // The queue looks at who has waited too long when somebody's turn comes, and here, where nobody's does.
      const timer = setTimeout(() => this.#waiting.expire(performance.now()), this.#options.maxWaitMs + 1);
      timer.unref();
      const refuse = (): void => {
        clearTimeout(timer);
        reject(this.#refusal());
      };
      const enter = (): void => {
        clearTimeout(timer);
        this.#running += 1;
        resolve();
      };
      this.#waiting.push({ key, untilMs, signal: undefined, enter, refuse });
    });
  }

  #letNextIn(): void {
    this.#waiting.expire(performance.now());
    if (this.#running < this.#options.maxConcurrent) this.#waiting.shift()?.enter();
  }

  #isFullFor(key: string): boolean {
    const { maxWaiting } = this.#options;
    const { size, keys } = this.#waiting;
    if (size < maxWaiting) return false;
    const own = this.#waiting.sizeOf(key);
    return own >= maxWaiting / (keys + (own === 0 ? 1 : 0)) || size >= 2 * maxWaiting;
  }

  #refusal(): AppError {
    this.#refused += 1;
    this.#options.onRefused?.();
    // Spread, or all who were sent away would come back together.
    const retryAfterSeconds = 1 + (this.#refused % 3);
    return new AppError('OVERLOADED', 'Too many passwords are being checked at the moment', { retryAfterSeconds });
  }
}
