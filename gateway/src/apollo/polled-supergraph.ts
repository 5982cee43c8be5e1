import type { Logger } from '@tessera/service/logging';
import type { SupergraphManager } from './gateway-options.js';

/** A supergraph out of a registry. */
export interface RegisteredSupergraph {
  /** What it is known by there. */
  readonly id: string;
  readonly supergraphSdl: string;
  /** Not to be asked again before. */
  readonly minDelaySeconds?: number | undefined;
}

export interface PolledSupergraphOptions {
  /**
   * Asks for the newest supergraph.
   *
   * @param known the id of the last one
   * @returns undefined where that is still the newest
   */
  readonly read: (known: string | undefined, signal: AbortSignal) => Promise<RegisteredSupergraph | undefined>;
  /** How often it asks, unless an answer says otherwise. 0: never again. */
  readonly intervalMs: number;
  /** How often it asks at most, whatever answers say. */
  readonly leastIntervalMs: number;
  /** Whether a supergraph is taken over only if each of its subgraphs answers. */
  readonly checksHealth: boolean;
  readonly logger: Logger;
}

/** Creates a manager that asks for supergraphs again and again. One that cannot be had later changes nothing. */
export function createPolledSupergraph(options: PolledSupergraphOptions): SupergraphManager {
  const { read, checksHealth, logger } = options;
  return {
    async initialize({ update, healthCheck }) {
      const ending = new AbortController();
      let { intervalMs } = options;
      let known: string | undefined;
      let timer: NodeJS.Timeout | undefined;
      let polling = Promise.resolve();

      async function readNew(): Promise<string | undefined> {
        const found = await read(known, ending.signal);
        if (found === undefined) return undefined;
        if (checksHealth) await healthCheck(found.supergraphSdl);
        known = found.id;
        if (found.minDelaySeconds !== undefined) {
          intervalMs = Math.max(found.minDelaySeconds * 1_000, options.leastIntervalMs);
        }
        return found.supergraphSdl;
      }

      async function poll(): Promise<void> {
        try {
          const supergraphSdl = await readNew();
          if (supergraphSdl !== undefined && !ending.signal.aborted) update(supergraphSdl);
        } catch (error) {
          if (!ending.signal.aborted) logger.error({ err: error }, 'a new supergraph cannot be had');
        }
        schedule();
      }

      function schedule(): void {
        if (intervalMs === 0 || ending.signal.aborted) return;
        timer = setTimeout(() => (polling = poll()), intervalMs).unref();
      }

      const supergraphSdl = await readNew();
      if (supergraphSdl === undefined) throw new Error('There is no supergraph yet');
      schedule();
      return {
        supergraphSdl,
        async cleanup() {
          clearTimeout(timer);
          ending.abort(new Error('The gateway is stopping'));
          await polling;
        },
      };
    },
  };
}
