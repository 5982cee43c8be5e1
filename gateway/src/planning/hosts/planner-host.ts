import { PlanExceeded } from '../plan-budget.js';
import type { QueryPlan } from '../query-plan.js';
import type { HostLink, OpenHost } from './host-link.js';
import type { HostReply, HostRequest } from './host-messages.js';

/**
 * How much of its time a plan must really have run before it is ended for being too long. On a machine that is busy with
 * something else even the shortest plan takes long, and refusing it would lock its callers out.
 */
export const spentShare = 0.5;

/** How often a plan that was given no time is looked at again. */
export const recheckMs = 50;

/** The host is gone, by its own fault or because it was killed. */
export class HostEnded extends Error {
  override readonly name = 'HostEnded';
}

/** The host looked at what it was given and cannot do it. */
export class HostRefusal extends Error {
  override readonly name = 'HostRefusal';
}

interface Pending {
  resolve(reply: HostReply): void;
  reject(error: Error): void;
}

/** One host: asked one thing at a time. */
export class PlannerHost {
  /** Settles when the supergraph is loaded, or with the reason why not. */
  readonly loaded: Promise<void>;
  /** Resolves when nothing of the host is left. */
  readonly ended: Promise<void>;
  readonly #link: HostLink;
  #pending: Pending | undefined;
  #endedReason: string | undefined;
  #wasKilled = false;
  #processorMsBefore = 0;

  constructor(open: OpenHost, supergraphSdl: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#link = open({
      reply: (reply) => this.#settle(({ resolve: answer }) => answer(reply)),
      ended: (reason) => {
        this.#endedReason = reason;
        this.#settle(({ reject }) => reject(new HostEnded(`The planner's host is gone: ${reason}`)));
        resolve();
      },
    });
    this.loaded = this.#ask({ kind: 'load', supergraphSdl }).then(() => undefined);
  }

  /** Whether it can be asked again. */
  get isAlive(): boolean {
    return !this.#wasKilled && this.#endedReason === undefined;
  }

  /**
   * Whether the present plan had its share: a host that the machine gives no time to is slow without any fault of the
   * operation. Where processor time cannot be told, time on the clock has to do.
   */
  async hasSpent(limitMs: number): Promise<boolean> {
    const now = await this.#link.processorMs();
    return now === undefined || now - this.#processorMsBefore >= limitMs;
  }

  /**
   * @throws HostRefusal where the planner has no plan for the operation, PlanExceeded where it took more than it may, HostEnded
   *   where the host did not survive it
   */
  async plan(operation: string, operationName: string | undefined, roll: number): Promise<QueryPlan> {
    this.#processorMsBefore = (await this.#link.processorMs()) ?? 0;
    const reply = await this.#ask({ kind: 'plan', operation, operationName, roll });
    if (reply.kind === 'planned') return reply.plan;
    if (reply.kind === 'exceeded') throw new PlanExceeded('The plan ended itself');
    throw new HostRefusal(`The planner's host answered ${reply.kind} to an operation`);
  }

  /** Ends the host in the middle of whatever it does; who waits for its answer gets {@link HostEnded}. */
  kill(): void {
    this.#settle(({ reject }) => reject(new HostEnded("The planner's host was killed")));
    if (!this.isAlive) return;
    this.#wasKilled = true;
    this.#link.kill();
  }

  async #ask(request: HostRequest): Promise<HostReply> {
    if (this.#endedReason !== undefined) throw new HostEnded(`The planner's host is gone: ${this.#endedReason}`);
    const { promise, resolve, reject } = Promise.withResolvers<HostReply>();
    this.#pending = { resolve, reject };
    this.#link.hold();
    this.#link.post(request);
    const reply = await promise;
    if (reply.kind === 'refused') throw new HostRefusal(reply.reason);
    return reply;
  }

  #settle(settle: (pending: Pending) => void): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    this.#link.release();
    settle(pending);
  }
}
