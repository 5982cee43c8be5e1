/**
 * What stops a request to a subgraph. Lighter than an AbortController, of which each request would need one of its own:
 * only one thing is under way at a time, so one place for its stop is enough.
 */
export class Cancellation {
  #reason: Error | undefined;
  #stop: ((reason: Error) => void) | undefined;

  /** Why it was cancelled; undefined while it was not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** Says how to stop what is under way from now on; it is stopped at once where the cancelling came first. */
  watch(stop: (reason: Error) => void): void {
    if (this.#reason === undefined) this.#stop = stop;
    else stop(this.#reason);
  }

  /** The first reason counts. */
  cancel(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#stop?.(reason);
    this.#stop = undefined;
  }
}

/** Waits, unless it is cancelled. @throws the reason of the cancelling */
export function pause(durationMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, durationMs);
    cancellation.watch((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}
