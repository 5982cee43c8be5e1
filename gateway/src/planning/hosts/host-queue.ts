import { AppError } from '@tessera/service/errors';
import { createHostRelief } from './host-relief.js';
import { HostRefusal, recheckMs, type PlannerHost } from './planner-host.js';

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
   * @param maxWaitMs how long to wait while others have the hosts; default: the limit of {@link HostQueueOptions}. The start of
   *   a host is waited for as long as it takes
   * @throws AppError `OVERLOADED` where too many wait or it takes too long; or why a host did not start
   */
  acquire(maxWaitMs?: number): Promise<PlannerHost>;
  /** Gives a host back, dead or alive. */
  release(host: PlannerHost): void;
  readonly isClosed: boolean;
  /** Whether some host has loaded the supergraph. */
  readonly isStarted: boolean;
  /** Kills all hosts; resolves when they are gone. @param reason what those who wait are told */
  close(reason: Error): Promise<void>;
}

interface Waiter {
  resolve(host: PlannerHost): void;
  reject(error: Error): void;
}

/** Creates a queue without hosts. They start when somebody waits for one, and are replaced when they die. */
export function createHostQueue(options: HostQueueOptions): HostQueue {
  const hosts = new Set<PlannerHost>();
  const starting = new Set<PlannerHost>();
  /** Each with the timer that retires it. */
  const idle = new Map<PlannerHost, NodeJS.Timeout>();
  /** Since when each of them plans; the longest first. */
  const lentAtMs = new Map<PlannerHost, number>();
  let lentCount = 0;
  const waiting: Waiter[] = [];
  const relief = createHostRelief({
    lentAtMs,
    isWaitedFor: () => waiting.length > 0 && starting.size === 0,
    maxPlanMs: options.maxPlanWhileWaitedForMs,
  });
  let isClosed = false;

  function lend(host: PlannerHost): void {
    const waiter = waiting.shift();
    if (waiter === undefined) idle.set(host, setTimeout(() => retire(host), options.maxIdleMs).unref());
    else take(host, waiter);
    relief.look();
  }

  function take(host: PlannerHost, { resolve }: Pick<Waiter, 'resolve'>): void {
    clearTimeout(idle.get(host));
    idle.delete(host);
    lentAtMs.set(host, performance.now());
    lentCount += 1;
    resolve(host);
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
    void host.ended.then(() => forget(host));
    const late = setTimeout(() => host.kill(), maxStartMs);
    host.loaded.then(
      () => {
        clearTimeout(late);
        starting.delete(host);
        lend(host);
      },
      (cause: Error) => {
        clearTimeout(late);
        host.kill();
        const reason =
          cause instanceof HostRefusal
            ? new AppError('INTERNAL_SERVER_ERROR', 'Planner cannot load the supergraph', { cause })
            : new AppError('OVERLOADED', 'Planner did not start', { cause });
        for (const waiter of waiting.splice(0)) waiter.reject(reason);
      },
    );
  }

  function forget(host: PlannerHost): void {
    // One that never loaded is not replaced: the next would not load either.
    const hadLoaded = !starting.delete(host);
    clearTimeout(idle.get(host));
    idle.delete(host);
    hosts.delete(host);
    const isNeeded = waiting.length > starting.size || hosts.size < options.minHosts;
    if (hadLoaded && isNeeded && !isClosed) start();
  }

  return {
    get isStarted() {
      return hosts.size > starting.size;
    },
    get isClosed() {
      return isClosed;
    },
    async acquire(maxWaitMs = options.maxWaitMs) {
      if (isClosed) throw new AppError('OVERLOADED', 'The planner is closing');
      const { promise, resolve, reject } = Promise.withResolvers<PlannerHost>();
      const [known] = idle.keys();
      if (known !== undefined) {
        take(known, { resolve });
        return promise;
      }
      if (waiting.length >= options.maxWaiting) throw tooMany();
      const waiter: Waiter = { resolve, reject };
      waiting.push(waiter);
      if (hosts.size < options.maxHosts) start();
      relief.look();
      const lentBefore = lentCount;
      const giveUp = (): void => {
        // It waits for nobody else, but for the machine to start a host: its caller knows how long that may take.
        if (starting.size > 0 && lentCount === lentBefore) {
          timer = setTimeout(giveUp, recheckMs);
          return;
        }
        const place = waiting.indexOf(waiter);
        if (place !== -1) waiting.splice(place, 1);
        reject(tooMany());
      };
      let timer = setTimeout(giveUp, maxWaitMs);
      return promise.finally(() => clearTimeout(timer));
    },
    release(host) {
      lentAtMs.delete(host);
      if (host.isAlive) lend(host);
      else relief.look();
    },
    async close(reason) {
      isClosed = true;
      relief.stop();
      for (const waiter of waiting.splice(0)) waiter.reject(reason);
      const leaving = [...hosts];
      for (const host of leaving) host.kill();
      await Promise.all(leaving.map(({ ended }) => ended));
    },
  };
}

function tooMany(): AppError {
  return new AppError('OVERLOADED', 'Too many operations are being planned', { retryAfterSeconds: 1 });
}
