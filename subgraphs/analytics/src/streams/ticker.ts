export interface TickerOptions<T> {
  readonly intervalMs: number;
  /** Makes the value of the moment at which it is delivered, so that a slow reader gets fresh values instead of old ones. */
  readonly produce: () => T;
  /** Called once, when nobody will read any more. */
  readonly onEnd: () => void;
}

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Iterates a value of now, at once and then every interval. `return` ends it without waiting for the interval. */
export function createTicker<T>(options: TickerOptions<T>): AsyncIterableIterator<T, undefined, undefined> {
  const { intervalMs, produce, onEnd } = options;
  let dueMs = performance.now();
  let isEnded = false;
  let endWait: (() => void) | undefined;

  const wait = (delayMs: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  return {
    async next() {
      const delayMs = dueMs - performance.now();
      if (delayMs > 0 && !isEnded) await wait(delayMs);
      if (isEnded) return finished;
      dueMs = Math.max(dueMs, performance.now() - intervalMs) + intervalMs;
      return { done: false, value: produce() };
    },
    return() {
      if (!isEnded) {
        isEnded = true;
        endWait?.();
        onEnd();
      }
      return Promise.resolve(finished);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
