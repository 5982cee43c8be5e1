import type { FetchRequest } from '../planning/query-plan.js';

/** What a subgraph is sent of a fetch. */
export interface NamedFetch {
  readonly query: string;
  readonly operationName: string | undefined;
}

/** Names the fetches of one plan, one after the other. */
export type NameFetch = (fetch: FetchRequest) => NamedFetch;

/** A longer name of an operation is left out: it would go with every request. */
const maxNameLength = 100;

/**
 * Names what is sent after the operation that it is sent for, the subgraph, and its number in the plan, as Apollo's gateway and
 * router do: `Dashboard__tenant__1`. So a subgraph's own traces and metrics tell what asked. What has no name gets none.
 *
 * @param operationName of the client's operation
 */
export function createFetchNames(operationName: string | undefined): NameFetch {
  let fetches = 0;
  return ({ operation, operationName: given, serviceName }) => {
    const number = fetches;
    fetches += 1;
    const anonymous = /^(query|mutation)?\s*(?=[({])/.exec(operation);
    const hasName = operationName !== undefined && operationName.length <= maxNameLength;
    // Apollo's planner has named it already.
    if (given != null || !hasName || anonymous === null) return { query: operation, operationName: given ?? undefined };
    const [head, keyword = 'query'] = anonymous;
    const name = `${operationName}__${serviceName.replaceAll(/\W/g, '_')}__${number}`;
    return { query: `${keyword} ${name}${operation.slice(head.length)}`, operationName: name };
  };
}
