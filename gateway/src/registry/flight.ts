import { Cancellation } from '../execution/cancellation.js';
import { copyTree } from '../execution/merge.js';
import type { SubgraphAnswer } from '../execution/subgraph-client.js';

/** One request under way, and all who wait for its answer. It is given up when the last of them has left. */
export class Flight {
  readonly cancellation = new Cancellation();
  readonly #waiters = new Set<Waiter>();

  /** Waits for the answer; rejects with the signal's reason when that comes first. */
  join(signal: AbortSignal): Promise<SubgraphAnswer> {
    return new Promise((resolve, reject) => {
      const leave = (): void => this.#leave(waiter, signal.reason as Error);
      const waiter = { resolve, reject, release: () => signal.removeEventListener('abort', leave) };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', leave);
    });
  }

  /** Whoever fills in fields changes the tree: each gets one of their own. */
  land(answer: SubgraphAnswer): void {
    let isTaken = false;
    for (const waiter of this.#waiters) {
      waiter.release();
      waiter.resolve(isTaken ? { ...answer, data: copyTree(answer.data) } : answer);
      isTaken = true;
    }
    this.#waiters.clear();
  }

  fail(error: Error): void {
    for (const waiter of this.#waiters) {
      waiter.release();
      waiter.reject(error);
    }
    this.#waiters.clear();
  }

  #leave(waiter: Waiter, reason: Error): void {
    waiter.release();
    waiter.reject(reason);
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) this.cancellation.cancel(reason);
  }
}

/**
 * Its listener is a function: of an object with `handleEvent` Node makes one that V8 puts among the old objects, from where
 * it keeps all that belongs to a request until the next collection of those.
 */
interface Waiter {
  readonly resolve: (answer: SubgraphAnswer) => void;
  readonly reject: (error: Error) => void;
  /** Stops listening. */
  readonly release: () => void;
}
