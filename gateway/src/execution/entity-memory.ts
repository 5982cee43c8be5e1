import type { Asked } from './ask.js';
import type { ResultTree } from './result-tree.js';
import type { Run } from './run.js';
import type { SubgraphOperation } from './subgraph-client.js';

/** Keeps entities from one operation to the next: what this room needs of it; the caching room makes it. */
export interface EntityMemory {
  /** @param aliases the `_entities` fields of the fetch. @returns undefined for a fetch whose entities are never kept */
  compile(operation: SubgraphOperation, aliases: readonly string[]): RecallEntities | undefined;
}

/** For each `_entities` field of a fetch its representations, each once. */
export type RepresentationLists = readonly (readonly ResultTree[])[];

/**
 * Answers a fetch from the memory and, for what is not there, by asking.
 *
 * @param members the variables that all entities of the fetch depend on, as members of a JSON object
 * @param askFor asks for some of each list's representations
 * @returns an answer in which every representation of every list has its entity
 */
export type RecallEntities = (
  run: Run,
  lists: RepresentationLists,
  members: readonly string[],
  askFor: (lists: RepresentationLists) => Promise<Asked>,
) => Promise<Asked>;
