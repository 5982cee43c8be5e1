import type { FastifyInstance } from 'fastify';
import {
  createSourceEventStream,
  execute,
  type GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { AppError } from '../errors/index.js';
import { formatSubgraphError } from '../graphql/index.js';
import { unknownClient, verifyPrincipal, type SignedCaller } from '../identity/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import { requestIdFrom } from '../tracing/index.js';
import type { SubgraphContext } from './context.js';
import { graphqlPath } from './graphql-route.js';
import { IdentifiedEvent } from './identified-event.js';
import type { CreateRequestContext } from './request-context.js';

export interface SubscriptionSocketOptions {
  /** Its name: what connections to it are signed for. */
  readonly subgraph: string;
  readonly schema: GraphQLSchema;
  readonly principalSecret: string;
  readonly createRequestContext: CreateRequestContext;
  readonly lifecycle: Lifecycle;
}

const maxMessageBytes = 1_000_000;
const initTimeoutMs = 5_000;

/** A result as graphql-ws hands it over. */
interface FormattedResult {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
}

/** What a connection proved about its caller when it began. */
interface Caller extends Record<PropertyKey, unknown> {
  readonly signed: SignedCaller;
  readonly requestId: string;
}

/**
 * Serves subscriptions to gateways by the graphql-transport-ws protocol. The gateway signs `connection_init`: one socket,
 * one caller.
 */
export function addSubscriptionSocket(server: FastifyInstance, options: SubscriptionSocketOptions): void {
  const { subgraph, schema, principalSecret, createRequestContext, lifecycle } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  server.server.on('upgrade', (request, socket, head) => {
    if (request.url !== graphqlPath) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
  });
  const closing = useServer<Record<string, unknown>, { caller?: Caller }>(
    {
      schema,
      connectionInitWaitTimeout: initTimeoutMs,
      onConnect: (connection) => {
        const parameters = connection.connectionParams ?? {};
        const request = { audience: subgraph, method: 'GET', path: graphqlPath, body: '' };
        try {
          const signed = verifyPrincipal(principalSecret, request, parameters, Date.now());
          connection.extra.caller = { signed, requestId: requestIdFrom(parameters['x-request-id']) };
          return true;
        } catch (error) {
          if (error instanceof AppError) return false;
          throw error;
        }
      },
      context: ({ extra }, _id, { extensions }) => {
        if (extra.caller === undefined)
          throw new AppError('UNAUTHENTICATED', 'The connection is not signed by a gateway');
        const context = createRequestContext(extra.caller.signed, extra.caller.requestId);
        return { ...context, ...lastEventIdIn(extensions) };
      },
      execute: executeOnce,
      subscribe: (args) => subscribe(args, createRequestContext),
      onError: (_connection, _id, _payload, errors) =>
        errors.map((error) => formatSubgraphError(error.toJSON(), error)),
      onNext: (_connection, _id, _payload, _args, result) => formatResult(result),
    },
    sockets,
  );
  lifecycle.defer('subscription sockets', () => closing.dispose());
}

/** Queries and mutations come over sockets too: their reads end with their answer. */
async function executeOnce(args: ExecutionArgs): Promise<ExecutionResult> {
  const { scope } = args.contextValue as SubgraphContext;
  try {
    return await execute(args);
  } finally {
    await scope.close();
  }
}

function lastEventIdIn(extensions: Readonly<Record<string, unknown>> | null | undefined) {
  const lastEventId = extensions?.['lastEventId'];
  return typeof lastEventId === 'string' || lastEventId === null ? { lastEventId } : {};
}

/**
 * graphql-js's `subscribe`, but each event is executed with a context of its own: loaders see fresh data and the event's
 * read transaction ends with it.
 */
async function subscribe(
  args: ExecutionArgs,
  createRequestContext: CreateRequestContext,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const context = args.contextValue as SubgraphContext;
  const stream = await createSourceEventStream(args).finally(() => context.scope.close());
  if (!(Symbol.asyncIterator in stream)) return stream;
  return answerEvents(stream, args, () =>
    createRequestContext({ principal: context.principal, client: unknownClient }, context.requestId),
  );
}

/** An iterator made by hand: a generator's `return` would wait for an event that may never come. */
function answerEvents(
  stream: AsyncIterable<unknown>,
  args: ExecutionArgs,
  createContext: () => SubgraphContext,
): AsyncGenerator<ExecutionResult> {
  const events = stream[Symbol.asyncIterator]();
  const finished = { done: true, value: undefined } as const;
  const answerValue = (rootValue: unknown): Promise<ExecutionResult> =>
    executeOnce({ ...args, rootValue, contextValue: createContext() });
  const answerEvent = async (event: unknown): Promise<ExecutionResult> => {
    if (!(event instanceof IdentifiedEvent)) return answerValue(event);
    const { eventId, value } = event;
    return { ...(value === undefined ? {} : await answerValue(value)), extensions: { eventId } };
  };
  return {
    async next() {
      const event: IteratorResult<unknown> = await events.next();
      if (event.done === true) return finished;
      return { done: false, value: await answerEvent(event.value) };
    },
    async return() {
      await events.return?.();
      return finished;
    },
    async throw(error) {
      await events.return?.();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      await events.return?.();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function formatResult({ data, errors, extensions }: FormattedResult): FormattedExecutionResult {
  const formatted = (errors ?? []).map((error) => formatSubgraphError(error.toJSON(), error));
  return {
    ...(data === undefined ? {} : { data }),
    ...(formatted.length === 0 ? {} : { errors: formatted }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}
