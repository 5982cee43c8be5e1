/** A query plan as the planners give it: Apollo's vocabulary, plus `BatchFetch` of the native one. */
export interface QueryPlan {
  readonly kind: 'QueryPlan';
  readonly node?: PlanNode | null;
}

export type PlanNode =
  FetchNode | BatchFetchNode | SequenceNode | ParallelNode | FlattenNode | ConditionNode | SubscriptionNode | DeferNode;

/** A fetch without the `kind` that a `Subscription` leaves out of its primary. */
export interface FetchRequest {
  readonly serviceName: string;
  readonly operation: string;
  readonly operationKind?: 'query' | 'mutation' | 'subscription';
  readonly operationName?: string | null;
  readonly variableUsages?: readonly string[] | null;
}

export interface FetchNode extends FetchRequest {
  readonly kind: 'Fetch';
  /** There for an entity fetch: what its representations are made of. */
  readonly requires?: readonly RequiresSelection[] | null;
  readonly inputRewrites?: readonly Rewrite[] | null;
  readonly outputRewrites?: readonly Rewrite[] | null;
  /** There for an entity fetch whose variables depend on where its entities stand (`@fromContext`). */
  readonly contextArguments?: readonly ContextArgument[] | null;
}

/** A variable whose value stands in an object above the entity. */
export interface ContextArgument {
  readonly variable: string;
  /** How many segments of the fetch's path lead to that object. */
  readonly depth: number;
  /** From there to the value, in keys of the result tree. */
  readonly path: readonly string[];
}

/** Several entity fetches of one subgraph in one request, each under its own alias of `_entities`. */
export interface BatchFetchNode extends FetchRequest {
  readonly kind: 'BatchFetch';
  readonly entityBatch: { readonly aliases: readonly EntityBatchAlias[] };
}

export interface EntityBatchAlias {
  readonly alias: string;
  readonly representationsVariableName: string;
  readonly paths: readonly FlattenPath[];
  readonly requires: readonly RequiresSelection[];
  readonly inputRewrites?: readonly Rewrite[] | null;
  readonly outputRewrites?: readonly Rewrite[] | null;
}

/** Runs its node on every object that the path leads to. */
export interface FlattenNode {
  readonly kind: 'Flatten';
  readonly path: FlattenPath;
  readonly node: PlanNode;
}

export type FlattenPath = readonly FlattenPathSegment[];

/** `@` stands for every item of a list. */
export type FlattenPathSegment = '@' | { readonly Field: string } | { readonly TypeCondition: readonly string[] };

export interface SequenceNode {
  readonly kind: 'Sequence';
  readonly nodes: readonly PlanNode[];
}

export interface ParallelNode {
  readonly kind: 'Parallel';
  readonly nodes: readonly PlanNode[];
}

/** Chooses by a boolean variable. */
export interface ConditionNode {
  readonly kind: 'Condition';
  readonly condition: string;
  readonly ifClause?: PlanNode | null;
  readonly elseClause?: PlanNode | null;
}

export interface SubscriptionNode {
  readonly kind: 'Subscription';
  readonly primary: FetchRequest & Pick<FetchNode, 'outputRewrites'>;
}

/** Never seen: consumers' schemas have no `@defer`. */
export interface DeferNode {
  readonly kind: 'Defer';
}

export type RequiresSelection = RequiresField | RequiresFragment | { readonly kind: 'FragmentSpread' };

export interface RequiresField {
  readonly kind: 'Field';
  /** The name is where the value stands in the result tree; the alias, where there is one, its key in the representation. */
  readonly name: string;
  readonly alias?: string | null;
  readonly selections?: readonly RequiresSelection[] | null;
}

export interface RequiresFragment {
  readonly kind: 'InlineFragment';
  readonly typeCondition: string;
  readonly selections: readonly RequiresSelection[];
  readonly skipIf?: string | null;
  readonly includeIf?: string | null;
}

export type RewritePathSegment = { readonly Key: string } | { readonly TypenameEquals: readonly string[] };

export interface ValueSetter {
  readonly path: readonly RewritePathSegment[];
  readonly setValueTo: string;
}

export interface KeyRenamer {
  readonly path: readonly RewritePathSegment[];
  readonly renameKeyTo: string;
}

export type Rewrite =
  | { readonly ValueSetter: ValueSetter }
  | { readonly KeyRenamer: KeyRenamer }
  | ({ readonly kind: 'ValueSetter' } & ValueSetter);
