import { AppError } from '../errors/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import { createConcurrencyLimit } from './concurrency-limit.js';
import { FairQueue } from './fair-queue.js';
import { FloodingKeys } from './flooding-keys.js';
import { createLoadSampler, type EventLoopSample } from './load-sampler.js';
import { openProcessorDemand } from './processor-demand.js';
import { createRestingClock } from './resting-clock.js';

export interface GateOptions {
  /** The most that is under way at once, whatever the load. */
  readonly maxConcurrent: number;
  /** The longest that somebody waits for a turn; whoever would wait longer is sent away at once. */
  readonly maxQueueMs: number;
  /** How much longer than unhindered work may take when the processor is the bottleneck. Default 20 ms. */
  readonly targetMs?: number;
  /** Stops the gate's clock when the service stops. */
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** Told of everybody who is sent away. */
  readonly onRefused?: () => void;
  /** Milliseconds of a clock that never goes back; default `performance.now`. */
  readonly now?: () => number;
  /** Default: this process's event loop. */
  readonly sample?: () => EventLoopSample;
}

/** Says that the work is over; once. */
export type Leave = () => void;

/** Says that work that stood aside goes on; once. */
export type ComeBack = () => void;

/**
 * Lets so much work in as a process can do in time. The rest waits, a line for each key (a tenant), and who would wait too
 * long is sent away at once: a process that takes on more than it can do does nothing in time.
 */
export interface Gate {
  /**
   * Lets work in, at once where nobody waits.
   *
   * @param key whom it is for: of keys that compete each gets an equal share
   * @param signal whoever has gone waits no more
   * @throws AppError `OVERLOADED` with `retryAfterSeconds`
   */
  enter(key: string, signal?: AbortSignal): Leave | Promise<Leave>;
  /**
   * For the door, before anything is read: throws what `enter` would throw now. Free while nobody waits.
   *
   * A busy process whose work ends with nobody there to be answered also sends away who has waited for longer than anybody
   * should before it was heard at all: they have given up too, and whoever comes after them would have waited as long.
   *
   * @param keyOf asked only while somebody waits
   * @param waitedMs how long that may have been; default 0
   * @throws AppError `OVERLOADED` with `retryAfterSeconds`
   */
  assertOpen(keyOf: () => string, waitedMs?: number): void;
  /**
   * For work that is let in and now waits at a queue of its own, or for what costs this process nothing: its turn goes to
   * others meanwhile.
   *
   * @returns takes the turn back, without waiting; once
   */
  standAside(): ComeBack;
  readonly inFlight: number;
  readonly waiting: number;
  /** How much may be under way at present. */
  readonly limit: number;
}

const intervalMs = 50;
/** A process that nobody asks is not woken twenty times a second. */
const restsAfterMs = 1_000;
/**
 * So many may wait whatever the speed: how fast work ends is a guess, a bad one where the process is given no processor for a
 * while, and to send a handful of clients away, who come back at once, takes more than to serve them.
 */
const leastWaiting = 24;
/** How long those come too late who may have given up. */
const keptInVainMs = 1_000;
/** Made once, because an error costs most by the stack that it remembers. */
const refusalAfter = (retryAfterSeconds: number): AppError =>
  new AppError('OVERLOADED', 'Too much is asked of this service at the moment', { retryAfterSeconds });

/** Creates a gate. */
export function createGate(options: GateOptions): Gate {
  const { maxConcurrent, maxQueueMs, targetMs, lifecycle, onRefused = () => undefined } = options;
  const { now = () => performance.now(), sample = createLoadSampler(openProcessorDemand(lifecycle)) } = options;
  const limit = createConcurrencyLimit({ maxConcurrent, ...(targetMs !== undefined && { targetMs }) });
  const queue = new FairQueue();
  const flooding = new FloodingKeys();
  // Spread, or all who were sent away would come back together.
  const refusals = [refusalAfter(1), refusalAfter(2), refusalAfter(3)] as const;
  let inFlight = 0;
  let completed = 0;
  let refused = 0;
  /** Work that ended with nobody there any more. */
  let inVain = 0;
  let inVainAtMs = Number.NEGATIVE_INFINITY;

  const refusal = (key?: string): AppError => {
    refused += 1;
    if (key !== undefined) flooding.note(key, now());
    onRefused();
    return refusals[refused % refusals.length] ?? refusals[0];
  };
  /**
   * The queue holds what can be done within the wait; one key of several has its share of it, which is always free for it.
   * The line of a key that floods is kept short: a long one would not get more done, but make everybody wait for it, who may
   * have waited before it already, in sockets that nobody had time to read.
   */
  const isFullFor = (key: string): boolean => {
    const waitMs = flooding.has(key, now()) ? Math.min(maxQueueMs, flooding.waitMs) : maxQueueMs;
    const capacity = Math.max(leastWaiting, limit.perMs * waitMs);
    if (queue.size < capacity) return false;
    const own = queue.sizeOf(key);
    // However many keys there are, all together wait no longer than twice as long as anybody may.
    const most = 2 * Math.max(leastWaiting, limit.perMs * maxQueueMs);
    return own >= capacity / (queue.keys + (own === 0 ? 1 : 0)) || queue.size >= most;
  };
  const letIn = (signal: AbortSignal | undefined): Leave => {
    clock.wake();
    inFlight += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      inFlight -= 1;
      completed += 1;
      if (signal?.aborted === true) inVain += 1;
      admitWaiting();
    };
  };
  const admitWaiting = (): void => {
    while (queue.size > 0 && inFlight < limit.current) {
      const next = queue.shift();
      if (next === undefined) return;
      if (next.untilMs <= now() || next.signal?.aborted === true) next.refuse();
      else next.enter();
    }
  };
  const wait = (key: string, signal: AbortSignal | undefined): Promise<Leave> =>
    new Promise((resolve, reject) => {
      const untilMs = now() + maxQueueMs;
      // Who has gone was not sent away: the key may have no more than its share.
      const refuse = (): void => reject(refusal(signal?.aborted === true ? undefined : key));
      queue.push({ key, untilMs, signal, enter: () => resolve(letIn(signal)), refuse });
    });

  /** Once most work was in vain, as long as such come who may have given up. */
  const isTooLateFor = (waitedMs: number): boolean => {
    const nowMs = now();
    if (waitedMs <= maxQueueMs || !limit.isBusy || nowMs - inVainAtMs > keptInVainMs) return false;
    inVainAtMs = nowMs;
    return true;
  };

  /** @returns whether anybody has been here */
  const look = (): boolean => {
    const isNeeded = inFlight + queue.size + completed + refused > 0 || limit.isBusy;
    if (inVain > completed / 2) inVainAtMs = now();
    inVain = 0;
    const loop = sample();
    limit.observe({ ...loop, completed, inFlight, refused });
    completed = 0;
    refused = 0;
    queue.expire(now());
    flooding.look(loop.turnMs, now());
    admitWaiting();
    return isNeeded;
  };
  const clock = createRestingClock({ intervalMs, restsAfterMs, onWake: () => void sample(), onTick: look });
  lifecycle.defer('overload gate', () => clock.stop());

  return {
    enter(key, signal) {
      if (queue.size === 0 && inFlight < limit.current) return letIn(signal);
      if (isFullFor(key)) throw refusal(key);
      return wait(key, signal);
    },
    assertOpen(keyOf, waitedMs = 0) {
      if (waitedMs > 0 && isTooLateFor(waitedMs)) throw refusal();
      if (queue.size === 0) return;
      const key = keyOf();
      if (isFullFor(key)) throw refusal(key);
    },
    standAside() {
      inFlight -= 1;
      let isBack = false;
      admitWaiting();
      return () => {
        if (isBack) return;
        isBack = true;
        clock.wake();
        inFlight += 1;
      };
    },
    get inFlight() {
      return inFlight;
    },
    get waiting() {
      return queue.size;
    },
    get limit() {
      return limit.current;
    },
  };
}
