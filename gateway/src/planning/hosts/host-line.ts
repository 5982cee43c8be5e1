import { AppError } from '@tessera/service/errors';
import type { PlannerHost } from './planner-host.js';

interface Waiter {
  resolve(host: PlannerHost): void;
  reject(error: Error): void;
}

export interface WaitOptions {
  /** Of who waits; its reason is thrown. */
  readonly signal: AbortSignal | undefined;
  readonly maxWaitMs: number;
  /** Asked when the time is over: whether it begins anew. */
  readonly mayWaitOn: () => boolean;
}

/** Who waits for a host, in turn. */
export class HostLine {
  readonly #maxWaiting: number;
  readonly #waiting: Waiter[] = [];

  /** @param maxWaiting how many there may be */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** @throws AppError `OVERLOADED` where too many wait, or it takes too long */
  async wait({ signal, maxWaitMs, mayWaitOn }: WaitOptions): Promise<PlannerHost> {
    if (this.#waiting.length >= this.#maxWaiting) throw tooMany();
    const { promise, resolve, reject } = Promise.withResolvers<PlannerHost>();
    const waiter: Waiter = { resolve, reject };
    const leave = (reason: Error): void => {
      const place = this.#waiting.indexOf(waiter);
      if (place !== -1) this.#waiting.splice(place, 1);
      reject(reason);
    };
    const lookAround = (): void => {
      if (mayWaitOn()) timer = setTimeout(lookAround, maxWaitMs);
      else leave(tooMany());
    };
    let timer = setTimeout(lookAround, maxWaitMs);
    const abort = (): void => leave(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    this.#waiting.push(waiter);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** The next one, who is given a host. */
  shift(): Pick<Waiter, 'resolve'> | undefined {
    return this.#waiting.shift();
  }

  /** Tells all of them why they get none. */
  sendAway(reason: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(reason);
  }
}

function tooMany(): AppError {
  return new AppError('OVERLOADED', 'Too many operations are being planned', { retryAfterSeconds: 1 });
}
