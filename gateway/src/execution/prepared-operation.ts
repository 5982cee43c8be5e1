import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { PlanNode, SubscriptionNode } from '../planning/query-plan.js';
import type { AnswerWriter } from './answer.js';
import type { Deferral } from './deferral/prepare-deferral.js';
import type { MutationStage } from './mutation-stages.js';
import type { Receive } from './root-fetch.js';
import type { ResultTree } from './result-tree.js';
import type { Step } from './run.js';

/** An operation that is ready to run with any variables: planned and compiled once, kept in the plan store. */
export interface PreparedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | undefined;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** The variables that decide what is answered (`@skip`, `@include`). */
  readonly conditionVariables: readonly string[];
  /** The variant that asks for most. */
  readonly first: Variant;
  /**
   * The variant for some values of the variables, planned when it is first asked for.
   *
   * @param requestId decides whether what is rolled out to some requests is rolled out to this one
   * @throws AppError as preparing does
   */
  variantFor(variables: Readonly<Record<string, unknown>>, requestId: string): Variant | Promise<Variant>;
  readonly answer: AnswerWriter;
  /**
   * Plans the variants that requests will ask for, where they are few.
   *
   * @throws AppError as preparing does
   */
  warm(): Promise<void>;
  /** Whether it was prepared without something that its caller may not have. */
  readonly isWithheld: boolean;
  /** Puts the reasons where the fields would stand that its caller may not have. */
  readonly mark: (tree: ResultTree) => void;
}

/** An operation for one set of values of the variables that its conditions depend on. */
export interface Variant {
  /** Undefined where no subgraph has to be asked (introspection alone). */
  readonly plan: PlanNode | undefined;
  /** Runs the plan; of a subscription, what completes an event. */
  readonly step: Step;
  /** A mutation's plan in parts; compiled anew each time, for few ask for it. */
  stages(): readonly MutationStage[];
  /** There for a subscription. */
  readonly stream: SubscriptionStream | undefined;
  /** Name in the plan -> name in the operation. */
  readonly renamedVariables: ReadonlyMap<string, string>;
  /** There where fragments may be answered later than the rest. */
  readonly deferral: Deferral | undefined;
}

/** The source of a subscription's events. */
export interface SubscriptionStream {
  readonly primary: SubscriptionNode['primary'];
  readonly receive: Receive;
  /** What completes an event with other subgraphs' fields. */
  readonly rest: PlanNode | undefined;
}

/** The request that opens a subscription's stream at one subgraph. */
export interface SubscriptionFetch {
  /** Name as in `supergraph.subgraphs`. */
  readonly subgraph: string;
  readonly query: string;
  readonly operationName: string | undefined;
  /** The variables to send, out of the client's. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether events are whole as they come: no other subgraph is asked for the rest of them. */
  readonly isWhole: boolean;
  /** What completes them: not the same for everybody where an override is rolled out. */
  readonly variant: Variant;
}
