import type { SubgraphDefinition } from '../../../gateway/support/federation.js';

/** A federated graph that a case runs over, and what one schema over the same data would answer. */
export interface BenchGraph {
  readonly subgraphs: Readonly<Record<string, SubgraphDefinition>>;
  /** Header of all answers, e.g. `cache-control: public`. */
  readonly answerHeader?: string;
  /** `Type.field` -> how one schema answers it, for fields whose subgraph relies on representations. */
  readonly overrides: Readonly<Record<string, (parent: Record<string, unknown>, values: never) => unknown>>;
}
