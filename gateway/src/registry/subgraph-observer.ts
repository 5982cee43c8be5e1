import type { CircuitState } from './circuit-breaker.js';

/** `refused`: it was not sent, for the circuit is open; `aborted`: nobody waits for it any more. */
export type SubgraphOutcome = 'ok' | 'errors' | 'unavailable' | 'timeout' | 'aborted' | 'refused';

/** A request that is over. */
export interface SubgraphRequestObservation {
  readonly subgraph: string;
  readonly durationMs: number;
  readonly outcome: SubgraphOutcome;
}

/** Who wants to know how subgraphs are doing. Called in the midst of requests: it has to be quick and must not throw. */
export interface SubgraphObserver {
  /** After each request, retries included. */
  request?(observation: SubgraphRequestObservation): void;
  /** A request is sent a second time. */
  retry?(subgraph: string): void;
  /** A caller waits for another's request instead of sending its own. */
  shared?(subgraph: string): void;
  /** @param openUntilMs by `performance.now`, when an open circuit lets a request try */
  circuit?(subgraph: string, state: CircuitState, openUntilMs: number): void;
  /** @param count how many of its instances are put out */
  instancesOut?(subgraph: string, count: number): void;
}
