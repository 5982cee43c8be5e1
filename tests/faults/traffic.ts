import { setTimeout as pause } from 'node:timers/promises';
import { send, type GraphqlRequest, type GraphqlResponse } from '../support/graphql-client.js';

/** What clients got while something happened. */
export interface Traffic {
  /** How many requests were answered without an error. */
  succeeded(): number;
  /** Everything else: what was answered, or why nothing was. */
  readonly failures: readonly string[];
  /** Lets requests under way end, and sends no more. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  /** Gateways; each request goes to the next that is ready, as a load balancer would have it. */
  readonly origins: readonly string[];
  /** Makes one request; called for each anew. */
  readonly nextRequest: () => GraphqlRequest;
  /** Requests at the same time. Default 8. */
  readonly clients?: number;
  readonly onAnswer?: (answer: GraphqlResponse<unknown>) => void;
}

/** Sends requests without a pause until it is stopped. */
export function startTraffic({ origins, nextRequest, clients = 8, onAnswer }: TrafficOptions): Traffic {
  const balancer = startBalancer(origins);
  const failures: string[] = [];
  let succeeded = 0;
  let goesOn = true;

  const client = async (): Promise<void> => {
    while (goesOn) {
      const request = nextRequest();
      try {
        const answer = await send(balancer.next(), request);
        if (answer.errors === undefined) succeeded += 1;
        else failures.push(JSON.stringify(answer));
        onAnswer?.(answer);
      } catch (error) {
        failures.push(`${String(error)}: ${String((error as Error).cause)}`);
      }
    }
  };
  const running = Array.from({ length: clients }, client);

  return {
    succeeded: () => succeeded,
    failures,
    async stop() {
      goesOn = false;
      await Promise.all(running);
      await balancer.stop();
    },
  };
}

const probeIntervalMs = 50;

/** A load balancer's view: probes `/ready`, and turns away from who does not say yes. */
function startBalancer(origins: readonly string[]) {
  const unready = new Set<string>();
  const stopping = new AbortController();
  let turn = 0;
  const probe = async (origin: string): Promise<void> => {
    while (!stopping.signal.aborted) {
      const isReady = await fetch(`${origin}/ready`, { headers: { connection: 'close' } }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.ok;
        },
        () => false,
      );
      if (isReady) unready.delete(origin);
      else unready.add(origin);
      await pause(probeIntervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const probing = origins.length > 1 ? origins.map(probe) : [];
  return {
    next(): string {
      const ready = origins.filter((origin) => !unready.has(origin));
      turn += 1;
      const among = ready.length > 0 ? ready : origins;
      return among[turn % among.length] ?? '';
    },
    async stop() {
      stopping.abort();
      await Promise.all(probing);
    },
  };
}
