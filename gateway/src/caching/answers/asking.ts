import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../../context.js';
import type { AnswerSources } from '../../execution/answer-sources.js';
import type { PreparedOperation } from '../../execution/prepared-operation.js';
import { CacheKey, CacheScope } from '../cache-key.js';
import type { CacheScopeName } from '../policy/cache-policy.js';
import { OperationFacts } from './operation-facts.js';

/** A query as its caller asked it. */
export interface AskedQuery {
  readonly prepared: PreparedOperation;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** Whether only some callers may have some of it. */
  readonly isGuarded: boolean;
}

/** Runs the query. Never rejects. */
export type RunQuery = (context: RequestContext, sources: AnswerSources) => Promise<FormattedExecutionResult>;

/** One query on its way. */
export interface Asking {
  readonly query: AskedQuery;
  readonly context: RequestContext;
  readonly run: RunQuery;
  readonly facts: OperationFacts;
  /** Undefined where its answer is not to be kept. */
  readonly keyOf: ((scope: CacheScopeName) => CacheKey) | undefined;
}

/** Begins to answer a query. */
export type StartAsking = (query: AskedQuery, context: RequestContext, run: RunQuery) => Asking;

/** Creates the beginning of all queries of one supergraph; what is known of an operation is found out once. */
export function createAsking(supergraphId: string): StartAsking {
  const known = new WeakMap<PreparedOperation, OperationFacts>();
  const factsOf = (prepared: PreparedOperation): OperationFacts => {
    const found = known.get(prepared);
    if (found !== undefined) return found;
    const facts = new OperationFacts(prepared, supergraphId);
    known.set(prepared, facts);
    return facts;
  };

  return (query, context, run) => {
    const facts = factsOf(query.prepared);
    // What was withheld from this caller is an error in the answer, and errors are not kept.
    const variables = query.prepared.isWithheld ? undefined : facts.writeVariables(query.variables);
    const keyOf =
      variables === undefined
        ? undefined
        : (scope: CacheScopeName): CacheKey => CacheKey.of(CacheScope.of(scope, context), facts.digest, variables);
    return { query, context, run, facts, keyOf };
  };
}
