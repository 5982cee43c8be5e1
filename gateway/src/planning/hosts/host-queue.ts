import { AppError } from '@tessera/service/errors';
import { HostLine } from './host-line.js';
import { createHostRelief } from './host-relief.js';
import { HostRefusal, type PlannerHost } from './planner-host.js';

/** The longest that a host may take to start: all services of a machine that reboots start at once. */
export const maxStartMs = 30_000;

export interface HostQueueOptions {
  readonly open: () => PlannerHost;
  readonly minHosts: number;
  readonly maxHosts: number;
  readonly maxPlanWhileWaitedForMs: number;
  readonly maxWaitMs: number;
  readonly maxWaiting: number;
  readonly maxIdleMs: number;
}

/** Lends hosts to plans, first come first served. */
export interface HostQueue {
  /**
   * @param signal of who waits; its reason is thrown
   * @param maxWaitMs how long to wait for hosts that others have; default: the limit of {@link HostQueueOptions}. While all that
   *   there are still start, it begins anew
   * @throws AppError `OVERLOADED` where too many wait or it takes too long; or why a host did not start
   */
  acquire(signal?: AbortSignal, maxWaitMs?: number): Promise<PlannerHost>;
  /** Gives a host back, dead or alive. */
  release(host: PlannerHost): void;
  readonly isClosed: boolean;
  /** Whether some host has loaded the supergraph. */
  readonly isStarted: boolean;
  /** Kills all hosts; resolves when they are gone. @param reason what those who wait are told */
  close(reason: Error): Promise<void>;
}

/** Creates a queue without hosts. They start when somebody waits for one, and are replaced when they die. */
export function createHostQueue(options: HostQueueOptions): HostQueue {
  const hosts = new Set<PlannerHost>();
  const starting = new Set<PlannerHost>();
  const loaded = new Set<PlannerHost>();
  /** Each with the timer that retires it. */
  const idle = new Map<PlannerHost, NodeJS.Timeout>();
  /** Since when each of them plans; the longest first. */
  const lentAtMs = new Map<PlannerHost, number>();
  let lentCount = 0;
  const line = new HostLine(options.maxWaiting);
  const relief = createHostRelief({
    lentAtMs,
    isWaitedFor: () => line.size > 0 && starting.size === 0,
    maxPlanMs: options.maxPlanWhileWaitedForMs,
  });
  let isClosed = false;

  function lend(host: PlannerHost): void {
    const waiter = line.shift();
    if (waiter === undefined) idle.set(host, setTimeout(() => retire(host), options.maxIdleMs).unref());
    else waiter.resolve(take(host));
    relief.look();
  }

  function take(host: PlannerHost): PlannerHost {
    clearTimeout(idle.get(host));
    idle.delete(host);
    lentAtMs.set(host, performance.now());
    lentCount += 1;
    return host;
  }

  function retire(host: PlannerHost): void {
    if (hosts.size > options.minHosts) {
      idle.delete(host);
      host.kill();
    }
  }

  function start(): void {
    const host = options.open();
    hosts.add(host);
    starting.add(host);
    let isLate = false;
    void host.ended.then(() => forget(host));
    const timer = setTimeout(() => {
      isLate = true;
      host.kill();
    }, maxStartMs);
    host.loaded.then(
      () => {
        clearTimeout(timer);
        starting.delete(host);
        loaded.add(host);
        lend(host);
      },
      (cause: Error) => {
        clearTimeout(timer);
        starting.delete(host);
        host.kill();
        // On a machine that is too busy to start another one, those that there are go on.
        if (isLate && loaded.size > 0) {
          relief.look();
          return;
        }
        const reason =
          cause instanceof HostRefusal
            ? new AppError('INTERNAL_SERVER_ERROR', 'Planner cannot load the supergraph', { cause })
            : new AppError('OVERLOADED', 'Planner did not start', { cause });
        line.sendAway(reason);
      },
    );
  }

  function forget(host: PlannerHost): void {
    const hadLoaded = loaded.delete(host);
    clearTimeout(idle.get(host));
    idle.delete(host);
    hosts.delete(host);
    // One that never loaded is not replaced, for the next would not either; unless somebody came after those who were told so.
    const mayStart = hadLoaded || !starting.has(host);
    const isNeeded = line.size > starting.size || (hadLoaded && hosts.size < options.minHosts);
    if (mayStart && isNeeded && !isClosed) start();
  }

  return {
    get isStarted() {
      return loaded.size > 0;
    },
    get isClosed() {
      return isClosed;
    },
    async acquire(signal, maxWaitMs = options.maxWaitMs) {
      if (isClosed) throw new AppError('OVERLOADED', 'The planner is closing');
      const [known] = idle.keys();
      if (known !== undefined) return take(known);
      const lentBefore = lentCount;
      // Nobody has what it waits for, and nobody had it since it came: the machine takes so long.
      const mayWaitOn = (): boolean => starting.size > 0 && lentAtMs.size === 0 && lentCount === lentBefore;
      if (hosts.size < options.maxHosts) start();
      const host = line.wait({ signal, maxWaitMs, mayWaitOn });
      relief.look();
      return host;
    },
    release(host) {
      lentAtMs.delete(host);
      if (host.isAlive) lend(host);
      else relief.look();
    },
    async close(reason) {
      isClosed = true;
      relief.stop();
      line.sendAway(reason);
      const leaving = [...hosts];
      for (const host of leaving) host.kill();
      await Promise.all(leaving.map(({ ended }) => ended));
    },
  };
}
