import type { SubgraphAnswer, SubgraphOperation } from './subgraph-client.js';

/** Told, while an operation runs, of everything that its answer is made of. */
export interface AnswerSources {
  /**
   * A subgraph has answered; nobody has changed its answer yet.
   *
   * @param variables JSON text
   */
  fetched(operation: SubgraphOperation, variables: string | undefined, answer: SubgraphAnswer): void;
  /** Entities came from a memory, which knows until when and for whom they are good. */
  recalled(recollection: Recollection): void;
}

/** What a memory says about what it answered. */
export interface Recollection {
  readonly maxAgeSeconds: number;
  readonly scope: 'public' | 'private';
  readonly tags: readonly string[];
  /** When the oldest of it was read, on the clock of invalidations. */
  readonly stamp: number;
}
