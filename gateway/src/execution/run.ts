import type { Logger } from '@tessera/service/logging';
import type { RequestContext } from '../context.js';
import type { SupergraphFacts } from '../planning/supergraph-facts.js';
import type { AskedEntities } from './asked-entities.js';
import type { AnswerSources } from './answer-sources.js';
import type { UnplacedFault } from './answer.js';
import type { EntityMemory } from './entity-memory.js';
import type { OperationCode } from './generated-code.js';
import type { NameFetch } from './name-fetches.js';
import type { ResultTree } from './result-tree.js';
import type { SubgraphClient } from './subgraph-client.js';

/** One execution of a plan. */
export interface Run {
  readonly tree: ResultTree;
  readonly unplaced: UnplacedFault[];
  /** Coerced, under the plan's names. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Changes where a mutation signs the caller in: what follows runs as the new person. */
  context: RequestContext;
  /** Told what the answer is made of; undefined where nobody wants to know. */
  readonly sources: AnswerSources | undefined;
  /**
   * Whether entities may come from the memory, or be asked for once in all of the run: for queries. What a mutation or an
   * event tells of has just changed.
   */
  readonly mayRecall: boolean;
  /** There once a fetch has run that stands several times in its plan. */
  askedEntities?: AskedEntities;
}

/** A compiled part of a plan. It never rejects: what fails stands in the result tree. */
export type Step = (run: Run) => Promise<void>;

/** What a plan is compiled with. */
export type PlanOptions = Omit<CompileOptions, keyof WholePlan> & {
  /** Of the client's operation. */
  readonly operationName: string | undefined;
};

/** What the steps of a plan know of all of it. */
export interface WholePlan {
  /** Whether equal entities may share their objects in the result tree. */
  readonly sharesEntities: boolean;
  readonly nameFetch: NameFetch;
  /** Numbers the fetches as they stand in the plan. */
  readonly nextPosition: () => number;
  /** The names of fetches that stand in it several times. */
  readonly repeatedFetches: ReadonlySet<string>;
}

/** What the steps of a plan are compiled with. */
export interface CompileOptions extends WholePlan {
  readonly facts: SupergraphFacts;
  readonly client: SubgraphClient;
  readonly logger: Logger;
  /** Of an operation that has proved busy, so that code of its own pays. */
  readonly code: OperationCode | undefined;
  /** Undefined where entities are not kept. */
  readonly entityMemory: EntityMemory | undefined;
}
