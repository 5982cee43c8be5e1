import type { CircuitState } from './circuit-breaker.js';

/** Remembers which subgraphs are not asked just now, for those who are to know without asking. */
export class OpenCircuits {
  readonly #openUntilMs = new Map<string, number>();

  /** @param openUntilMs by `performance.now` */
  note(subgraph: string, state: CircuitState, openUntilMs: number): void {
    if (state === 'open') this.#openUntilMs.set(subgraph, openUntilMs);
    else this.#openUntilMs.delete(subgraph);
  }

  /** Ends with the time of the circuit: a gateway that gets no requests would otherwise never find out that all is well. */
  isOpen(subgraph: string): boolean {
    return (this.#openUntilMs.get(subgraph) ?? 0) > performance.now();
  }
}
