import type { AppError } from '@tessera/service/errors';
import type { RequestContext } from '../../context.js';
import type { TenantFacts } from './ask-tenant.js';
import type { TenantDirectory } from './tenant-directory.js';

/** A stream that goes on as long as its tenant may use what it needs. */
export interface WatchedStream {
  /** The stream's context; its signal ends also when the service is switched off. */
  readonly context: RequestContext;
  /** To be called when the stream is over. */
  stop(): void;
}

/** What decides how long a stream goes on. */
export interface StreamTerms {
  /** Says why it cannot go on for a tenant, or nothing. */
  endOf(facts: TenantFacts): AppError | undefined;
  /** When that is to be asked again, although the tenant has not changed; milliseconds since the epoch. */
  askAgainAtMs(facts: TenantFacts): number | undefined;
}

interface LiveStream {
  readonly terms: StreamTerms;
  readonly controller: AbortController;
  timer: NodeJS.Timeout | undefined;
}

/** What could not be asked for is asked for again so often, while anything is open that goes by it. */
const askAgainMs = 1_000;
/** Of Node's timers; who is asked too early is asked again. */
const maxTimerMs = 2 ** 31 - 1;
/** Of all tenants with something open, so many are asked for at the same time. */
const maxRechecks = 16;

/** The open subscriptions by tenant: a change ends those that it takes the service or the right from, also if no event ever comes. */
export class LiveServices {
  readonly #directory: TenantDirectory;
  readonly #streams = new Map<string, Set<LiveStream>>();
  /** Tenants that are asked for again, for they may have changed and nobody could tell how. */
  readonly #uncertain = new Set<string>();
  /** Those that wait to be looked at while all are. */
  readonly #toRecheck = new Set<string>();
  #rechecking = 0;

  constructor(directory: TenantDirectory) {
    this.#directory = directory;
  }

  /** @returns undefined for who is in no tenant */
  watch(context: RequestContext, terms: StreamTerms): WatchedStream | undefined {
    const { tenantId } = context.principal;
    if (tenantId === undefined) return undefined;
    const controller = new AbortController();
    const stream: LiveStream = { terms, controller, timer: undefined };
    const streams = this.#streams.get(tenantId) ?? new Set();
    this.#streams.set(tenantId, streams.add(stream));
    // The tenant may have changed since the operation was let through.
    void this.#check(tenantId, [stream]);
    return {
      context: { ...context, signal: AbortSignal.any([context.signal, controller.signal]) },
      stop: () => {
        clearTimeout(stream.timer);
        streams.delete(stream);
        if (streams.size === 0 && this.#streams.get(tenantId) === streams) this.#streams.delete(tenantId);
      },
    };
  }

  /** Looks again at what a tenant has open, once its new state is known. */
  async recheck(tenantId: string): Promise<void> {
    if (!this.#streams.has(tenantId)) return;
    await this.#check(tenantId, this.#streams.get(tenantId) ?? []);
  }

  /** The same of all tenants; those that still wait for it are not looked at twice. */
  async recheckAll(): Promise<void> {
    for (const tenantId of this.#streams.keys()) this.#toRecheck.add(tenantId);
    await Promise.all(Array.from({ length: maxRechecks - this.#rechecking }, () => this.#recheckWaiting()));
  }

  async #recheckWaiting(): Promise<void> {
    this.#rechecking += 1;
    for (const tenantId of this.#toRecheck) {
      this.#toRecheck.delete(tenantId);
      await this.recheck(tenantId);
    }
    this.#rechecking -= 1;
  }

  async #check(tenantId: string, streams: Iterable<LiveStream>): Promise<void> {
    const facts = await this.#directory.factsOf(tenantId);
    if (facts.isUncertain === true) this.#planRecheck(tenantId);
    for (const stream of streams) {
      const end = stream.terms.endOf(facts);
      if (end === undefined) this.#planCheck(tenantId, stream, stream.terms.askAgainAtMs(facts));
      else stream.controller.abort(end);
    }
  }

  /** Until it is known what holds, and then once more. */
  #planRecheck(tenantId: string): void {
    if (this.#uncertain.has(tenantId)) return;
    this.#uncertain.add(tenantId);
    const recheck = (): void => {
      this.#uncertain.delete(tenantId);
      void this.recheck(tenantId);
    };
    setTimeout(recheck, askAgainMs).unref();
  }

  #planCheck(tenantId: string, stream: LiveStream, atMs: number | undefined): void {
    clearTimeout(stream.timer);
    if (atMs === undefined || this.#streams.get(tenantId)?.has(stream) !== true) return;
    const check = (): void => void this.#check(tenantId, [stream]);
    stream.timer = setTimeout(check, Math.min(Math.max(0, atMs - Date.now()), maxTimerMs)).unref();
  }
}
