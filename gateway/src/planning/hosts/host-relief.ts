import { recheckMs, spentShare, type PlannerHost } from './planner-host.js';

export interface HostReliefOptions {
  /** Since when each host plans; the longest first. */
  readonly lentAtMs: ReadonlyMap<PlannerHost, number>;
  /** Whether somebody waits for one of them. */
  readonly isWaitedFor: () => boolean;
  /** How long a plan may take then. */
  readonly maxPlanMs: number;
}

/** Ends the plan that keeps others waiting. */
export interface HostRelief {
  /** Whenever somebody comes to wait, or a host was lent or given back. */
  look(): void;
  stop(): void;
}

/** Where plans wait for a host, the one that has been at a plan for longest has to make room, if it really had the time. */
export function createHostRelief({ lentAtMs, isWaitedFor, maxPlanMs }: HostReliefOptions): HostRelief {
  let timer: NodeJS.Timeout | undefined;
  let isJudging = false;

  function look(): void {
    clearTimeout(timer);
    const [longest] = lentAtMs;
    if (longest === undefined || !isWaitedFor()) return;
    const [host, startedAtMs] = longest;
    const dueInMs = startedAtMs + maxPlanMs - performance.now();
    if (dueInMs <= 0) {
      if (!isJudging) void judge(host, startedAtMs);
    }
    // A turn later: where this process itself was held up, the plan may have come long ago.
    else timer = setTimeout(() => setImmediate(look), dueInMs);
  }

  async function judge(host: PlannerHost, startedAtMs: number): Promise<void> {
    isJudging = true;
    const hasSpent = await host.hasSpent(maxPlanMs * spentShare);
    isJudging = false;
    // Its plan may have come in the meantime, and another one may have begun.
    if (lentAtMs.get(host) !== startedAtMs || !isWaitedFor()) look();
    else if (hasSpent) host.kill();
    else timer = setTimeout(look, recheckMs);
  }

  return { look, stop: () => clearTimeout(timer) };
}
