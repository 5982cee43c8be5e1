import type { GatewayGraphQLRequest, GatewayGraphQLResponse } from '@apollo/server-gateway-interface';
import { AppError } from '@tessera/service/errors';
import { withDeadline } from '../execution/deadline.js';
import { isTreeObject } from '../execution/result-tree.js';
import type { SubgraphAnswer, SubgraphErrorBody } from '../execution/subgraph-answer.js';
import type { SubgraphClient, SubgraphRequest } from '../execution/subgraph-client.js';
import { isApolloContext } from './apollo-context.js';
import { carryError } from './carried-errors.js';
import type { DataSource } from './gateway-options.js';

/** What subgraphs' errors are called that have no code of their own. */
const downstreamCode = 'DOWNSTREAM_SERVICE_ERROR';
/** And what by the status that they come with. */
const statusCodes: ReadonlyMap<number | undefined, string> = new Map([
  [401, 'UNAUTHENTICATED'],
  [403, 'FORBIDDEN'],
]);

/** Lets subgraphs' errors through to Apollo Server, each with the name of its subgraph. */
export function carryErrors(client: SubgraphClient): SubgraphClient {
  return {
    async send(request, context) {
      const { subgraph } = request.operation;
      try {
        return carryAll(await client.send(request, context), subgraph);
      } catch (thrown) {
        throw carryThrown(thrown, subgraph);
      }
    },
    close: () => client.close(),
  };
}

/** Asks subgraphs through data sources as `ApolloGateway` does, hooks and all. */
export function createDataSourceClient(
  findDataSource: (subgraph: string) => DataSource,
  timeoutMs: number,
): SubgraphClient {
  return {
    async send({ operation, variables }, context) {
      if (!isApolloContext(context)) throw new TypeError('The request does not come from Apollo Server');
      const { apollo } = context;
      const response = await withDeadline(
        timeoutMs,
        () => new AppError('SUBGRAPH_TIMEOUT', `Subgraph "${operation.subgraph}" did not answer in time`),
        context.signal,
        (signal) =>
          untilAborted(
            findDataSource(operation.subgraph).process({
              kind: 'incoming operation',
              request: toRequest(operation, variables, context.forwardedHeaders),
              incomingRequestContext: apollo,
              context: apollo.context,
            }),
            signal,
          ),
      );
      return readResponse(response);
    },
    close: () => Promise.resolve(),
  };
}

function toRequest(
  { query, operationName }: SubgraphRequest['operation'],
  variables: string | undefined,
  headers: Readonly<Record<string, string>> | undefined,
): GatewayGraphQLRequest {
  return {
    query,
    variables: (variables === undefined ? {} : JSON.parse(variables)) as Record<string, unknown>,
    ...(operationName === undefined ? {} : { operationName }),
    // Data sources fill in method and URL.
    ...(headers === undefined ? {} : { http: { method: 'POST', url: '', headers: new Headers(headers) } }),
  };
}

function readResponse({ data, errors = [], extensions }: GatewayGraphQLResponse): SubgraphAnswer {
  return {
    // The engine writes into what it gets; a data source may keep what it gives.
    data: isTreeObject(data) ? structuredClone(data) : null,
    errors: errors.map((error) => ({ message: error.message, path: error.path, extensions: error.extensions })),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

function carryAll(answer: SubgraphAnswer, subgraph: string): SubgraphAnswer {
  if (answer.errors.length === 0) return answer;
  const code = statusCodes.get(answer.exchange?.statusCode) ?? downstreamCode;
  const errors = answer.errors.map(({ message, path, extensions }): SubgraphErrorBody => ({
    message: message || `Error while fetching subquery from service "${subgraph}"`,
    path,
    extensions: carryError({
      message: message || `Error while fetching subquery from service "${subgraph}"`,
      extensions: { code, ...extensions, serviceName: subgraph },
      isOfRequest: answer.data == null && path === undefined,
    }),
  }));
  return { ...answer, errors };
}

function carryThrown(thrown: unknown, subgraph: string): AppError {
  const { message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  const own = thrown instanceof AppError ? { code: thrown.code } : extensionsOf(thrown);
  const extensions = { ...own, serviceName: subgraph };
  const { code, details } = carryError({ message, extensions, isOfRequest: true });
  return new AppError(code, message, { cause: thrown, details });
}

function extensionsOf(thrown: unknown): Readonly<Record<string, unknown>> {
  const { extensions } = (thrown ?? {}) as { readonly extensions?: unknown };
  return isTreeObject(extensions) ? extensions : {};
}

/** Data sources know no signal: what they bring too late is dropped. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
