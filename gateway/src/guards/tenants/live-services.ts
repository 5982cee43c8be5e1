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

/** Says why a stream cannot go on for a tenant, or nothing. */
export type EndOfStream = (facts: TenantFacts) => AppError | undefined;

interface LiveStream {
  readonly endOf: EndOfStream;
  readonly controller: AbortController;
}

/** The open subscriptions by tenant: a change ends those that it takes the service from, also if no event ever comes. */
export class LiveServices {
  readonly #directory: TenantDirectory;
  readonly #streams = new Map<string, Set<LiveStream>>();

  constructor(directory: TenantDirectory) {
    this.#directory = directory;
  }

  /** @returns undefined for who is in no tenant */
  watch(context: RequestContext, endOf: EndOfStream): WatchedStream | undefined {
    const { tenantId } = context.principal;
    if (tenantId === undefined) return undefined;
    const controller = new AbortController();
    const stream: LiveStream = { endOf, controller };
    const streams = this.#streams.get(tenantId) ?? new Set();
    this.#streams.set(tenantId, streams.add(stream));
    // The tenant may have changed since the operation was let through.
    void this.#check(tenantId, [stream]);
    return {
      context: { ...context, signal: AbortSignal.any([context.signal, controller.signal]) },
      stop: () => {
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

  async recheckAll(): Promise<void> {
    for (const tenantId of [...this.#streams.keys()]) await this.recheck(tenantId);
  }

  async #check(tenantId: string, streams: Iterable<LiveStream>): Promise<void> {
    const facts = await this.#directory.factsOf(tenantId);
    for (const { endOf, controller } of streams) {
      const end = endOf(facts);
      if (end !== undefined) controller.abort(end);
    }
  }
}
