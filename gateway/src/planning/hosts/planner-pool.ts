import { AppError } from '@tessera/service/errors';
import { PlanExceeded } from '../plan-budget.js';
import type { HostedPlanner } from '../planner.js';
import { notRolledOut } from '../roll-out.js';
import type { OpenHost } from './host-link.js';
import { HostEnded, HostRefusal, PlannerHost, recheckMs, spentShare } from './planner-host.js';
import { createHostQueue, maxStartMs } from './host-queue.js';

/** The limits of planning. Each plan that passes one of them takes its host with it. */
export interface PlannerLimits {
  /** How many hosts are kept once they have started, however long nobody needs them. */
  readonly minHosts: number;
  /** How many hosts there may be, each of which plans one operation at a time. */
  readonly maxHosts: number;
  /** The longest that one plan may take. */
  readonly maxPlanMs: number;
  /** The longest that it may take while others wait for a host. */
  readonly maxPlanWhileWaitedForMs: number;
  /** The longest that an operation waits for a host. */
  readonly maxWaitMs: number;
  /** How many operations may wait. */
  readonly maxWaiting: number;
  /** How long a host that nobody needs is kept. */
  readonly maxIdleMs: number;
  /** By how much hosts are weaker than the gateway; see nice(2). */
  readonly niceness: number;
}

export const defaultPlannerLimits: PlannerLimits = {
  minHosts: 1,
  maxHosts: 2,
  maxPlanMs: 800,
  maxPlanWhileWaitedForMs: 150,
  maxWaitMs: 2_000,
  maxWaiting: 200,
  maxIdleMs: 60_000,
  niceness: 10,
};

export interface PlannerPoolOptions {
  readonly supergraphSdl: string;
  readonly open: OpenHost;
  readonly limits: PlannerLimits;
}

/**
 * Creates a planner whose plans are made by hosts that can be ended: a plan that passes a limit really ends, and what
 * it took is free again. Hosts start when they are needed; `ready` starts the first one.
 */
export function createPlannerPool({ supergraphSdl, open, limits }: PlannerPoolOptions): HostedPlanner {
  const queue = createHostQueue({ ...limits, open: () => new PlannerHost(open, supergraphSdl) });
  let firstStart: Promise<void> | undefined;

  async function startFirst(): Promise<void> {
    try {
      queue.release(await queue.acquire(undefined, maxStartMs));
    } catch (error) {
      const reason = error instanceof AppError ? (error.cause ?? error) : error;
      throw new Error(`Supergraph does not load: ${reason instanceof Error ? reason.message : String(reason)}`, {
        cause: error,
      });
    } finally {
      firstStart = undefined;
    }
  }

  return {
    async ready() {
      if (!queue.isStarted) await (firstStart ??= startFirst());
    },
    async plan(operation, operationName, signal, roll = notRolledOut) {
      signal.throwIfAborted();
      const host = await queue.acquire(signal);
      if (signal.aborted) queue.release(host);
      signal.throwIfAborted();
      // Everybody who gets an answer from a killed host gets it for the same reason: the plan passed a limit.
      const kill = (): void => host.kill();
      let isOver = false;
      let late: NodeJS.Immediate | undefined;
      let timer: NodeJS.Timeout | undefined;
      const judge = async (): Promise<void> => {
        const hasSpent = await host.hasSpent(limits.maxPlanMs * spentShare);
        if (isOver) return;
        if (hasSpent) kill();
        else watch(recheckMs);
      };
      const watch = (inMs: number): void => {
        // Where this process itself was held up, the plan may have come long ago: it is looked for first.
        timer = setTimeout(() => (late = setImmediate(() => void judge())), inMs);
      };
      watch(limits.maxPlanMs);
      signal.addEventListener('abort', kill, { once: true });
      try {
        return await host.plan(operation, operationName, roll);
      } catch (error) {
        signal.throwIfAborted();
        throw queue.isClosed ? closing() : toPlanError(error);
      } finally {
        isOver = true;
        clearTimeout(timer);
        clearImmediate(late);
        signal.removeEventListener('abort', kill);
        queue.release(host);
      }
    },
    close: () => queue.close(closing()),
  };
}

function closing(): AppError {
  return new AppError('OVERLOADED', 'The planner is closing');
}

function toPlanError(cause: unknown): AppError {
  if (cause instanceof HostEnded || cause instanceof PlanExceeded) {
    return new AppError('OPERATION_TOO_COMPLEX', 'Operation takes more than it may to plan', { cause });
  }
  if (cause instanceof HostRefusal)
    return new AppError('INTERNAL_SERVER_ERROR', 'Operation cannot be planned', { cause });
  return new AppError('INTERNAL_SERVER_ERROR', 'Planner failed', { cause });
}
