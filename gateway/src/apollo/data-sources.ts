import type { GatewayGraphQLResponse } from '@apollo/server-gateway-interface';
import { AppError } from '@tessera/service/errors';
import { fetch } from 'undici';
import type { DataSource, SubgraphDefinition } from './gateway-options.js';

/** The data sources of all subgraphs: each is made once for its name and URL, and outlives supergraphs. */
export interface DataSources {
  get(definition: SubgraphDefinition): DataSource;
  /** @returns what each of them answered. @throws Error naming a subgraph that does not answer */
  checkHealth(definitions: Iterable<SubgraphDefinition>): Promise<SubgraphHealth[]>;
}

export interface SubgraphHealth {
  readonly name: string;
  readonly response: GatewayGraphQLResponse;
}

const healthCheckQuery = 'query __ApolloServiceHealthCheck__ { __typename }';

/** @param build makes one; without it a plain one is made, for the requests that no client sends */
export function createDataSources(
  build: ((definition: SubgraphDefinition) => DataSource) | undefined,
  timeoutMs: number,
): DataSources {
  const known = new Map<string, { readonly url: string | undefined; readonly dataSource: DataSource }>();

  function get({ name, url }: SubgraphDefinition): DataSource {
    const found = known.get(name);
    if (found !== undefined && found.url === url) return found.dataSource;
    const definition = { name, ...(url === undefined ? {} : { url }) };
    const dataSource = build?.(definition) ?? createPlainDataSource(definition, timeoutMs);
    known.set(name, { url, dataSource });
    return dataSource;
  }

  return {
    get,
    async checkHealth(definitions) {
      const checks = [...definitions].map(async (definition) => {
        try {
          const request = { query: healthCheckQuery };
          const response = await get(definition).process({ kind: 'health check', request, context: {} });
          return { name: definition.name, response };
        } catch (error) {
          throw new Error(`[${definition.name}]: ${reasonOf(error)}`, {
            cause: error,
          });
        }
      });
      return Promise.all(checks);
    },
  };
}

/** What `fetch` says of a connection that fails stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function createPlainDataSource({ name, url = '' }: SubgraphDefinition, timeoutMs: number): DataSource {
  return {
    async process({ request: { query, variables, operationName } }) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables, operationName }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) {
        throw new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph "${name}" answered with status ${response.status}`);
      }
      return (await response.json()) as Awaited<ReturnType<DataSource['process']>>;
    },
  };
}
