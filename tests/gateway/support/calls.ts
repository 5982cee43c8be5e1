import { prepareSubgraphOperation, type SubgraphClient } from '@tessera/gateway/execution/subgraph-client';
import type { SubgraphAnswer } from '@tessera/gateway/execution/subgraph-answer';
import type { RequestContext } from '@tessera/gateway/context';
import { aRequestContext } from './federation.js';

const prepared = {
  query: prepareSubgraphOperation({ subgraph: 'one', kind: 'query', query: '{ ok }', operationName: undefined }),
  mutation: prepareSubgraphOperation({
    subgraph: 'one',
    kind: 'mutation',
    query: 'mutation { ok }',
    operationName: undefined,
  }),
};

export interface AskOptions extends Partial<RequestContext> {
  readonly kind?: 'query' | 'mutation';
  /** JSON text; default: none. */
  readonly variables?: string;
}

/** Asks subgraph `one`. */
export function ask(client: SubgraphClient, options: AskOptions = {}): Promise<SubgraphAnswer> {
  const { kind = 'query', variables, ...context } = options;
  return client.send({ operation: prepared[kind], variables }, aRequestContext(context));
}

/** Asks subgraph `one`, each time something else, and says what came of it: `ok` or an error's code. */
export async function askMany(client: SubgraphClient, count: number, options: AskOptions = {}): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      ask(client, { variables: `{"number":${(asked += 1)},"index":${index}}`, ...options }).then(
        () => 'ok',
        (error: unknown) => String((error as { readonly code?: unknown }).code ?? error),
      ),
    ),
  );
}

let asked = 0;
