/** What is under way and can be stopped. */
export interface Stoppable {
  stop(reason: Error): void;
}

/**
 * What stops a request to a subgraph. Lighter than an AbortController, of which each request would need one of its own:
 * only one thing is under way at a time, so one place for its stop is enough.
 */
export class Cancellation {
  #reason: Error | undefined;
  #watcher: Stoppable | undefined;

  /** Why it was cancelled; undefined while it was not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Says what is under way from now on; it is stopped at once where the cancelling came first. */
  watch(watcher: Stoppable): void {
    if (this.#reason === undefined) this.#watcher = watcher;
    else watcher.stop(this.#reason);
  }

  /** The first reason counts. */
  cancel(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#watcher?.stop(reason);
    this.#watcher = undefined;
  }
}

/** Waits, unless it is cancelled. @throws the reason of the cancelling */
export function pause(durationMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, durationMs);
    cancellation.watch({
      stop(reason) {
        clearTimeout(timer);
        reject(reason);
      },
    });
  });
}
