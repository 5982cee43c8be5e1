/** Plans grow in native memory, which V8's limits do not know. */
export interface MemoryWatch {
  /** Watches as long as the work lasts, and once it is over: what has nothing to do is not woken. */
  during(work: Promise<void>): void;
}

const intervalMs = 50;

/** @param onExceeded called once this process has more memory */
export function watchMemory(maxResidentBytes: number, onExceeded: () => void): MemoryWatch {
  let underWay = 0;
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    if (process.memoryUsage.rss() > maxResidentBytes) onExceeded();
  }

  function end(): void {
    look();
    underWay -= 1;
    if (underWay > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    during(work) {
      underWay += 1;
      timer ??= setInterval(look, intervalMs);
      work.then(end, end);
    },
  };
}
