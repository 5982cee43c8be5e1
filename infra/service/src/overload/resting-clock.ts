/** Ticks while there is something to look at. */
export interface RestingClock {
  /** Ticks from now on, if it does not yet. */
  wake(): void;
  stop(): void;
}

export interface RestingClockOptions {
  readonly intervalMs: number;
  /** How long nothing has to happen before it rests: what is smoothed over ticks has come to rest by then too. */
  readonly restsAfterMs: number;
  /** Before the first tick, and the first one after a rest. */
  readonly onWake: () => void;
  /** @returns whether there was anything to look at */
  readonly onTick: () => boolean;
}

/** Creates a clock that rests: a process with nothing to do is not woken for nothing. It keeps no process alive. */
export function createRestingClock({ intervalMs, restsAfterMs, onWake, onTick }: RestingClockOptions): RestingClock {
  let timer: NodeJS.Timeout | undefined;
  let idleTicks = 0;
  let isStopped = false;

  function rest(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function tick(): void {
    idleTicks = onTick() ? 0 : idleTicks + 1;
    if (idleTicks * intervalMs >= restsAfterMs) rest();
  }

  return {
    wake() {
      if (timer !== undefined || isStopped) return;
      idleTicks = 0;
      onWake();
      timer = setInterval(tick, intervalMs).unref();
    },
    stop() {
      isStopped = true;
      rest();
    },
  };
}
