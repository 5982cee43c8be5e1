import type { FastifyInstance } from 'fastify';
import {
  createSourceEventStream,
  execute,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { AppError, errorExtensions } from '../errors/index.js';
import { formatSubgraphError } from '../graphql/index.js';
import { warnOfSignature } from '../http/index.js';
import {
  perMessagePrincipals,
  principalsParameter,
  signatureRefused,
  signedSubscription,
  unknownClient,
  verifyPrincipal,
  type SignedCaller,
} from '../identity/index.js';
import type { Logger } from '../logging/index.js';
import { requestIdFrom } from '../tracing/index.js';
import type { SubgraphContext } from './context.js';
import { graphqlPath } from './graphql-route.js';
import { IdentifiedEvent } from './identified-event.js';
import type { CreateRequestContext } from './request-context.js';

export interface SubscriptionSocketOptions {
  /** Its name: what connections to it are signed for. */
  readonly subgraph: string;
  readonly schema: GraphQLSchema;
  readonly principalSecrets: readonly string[];
  readonly createRequestContext: CreateRequestContext;
  readonly logger: Logger;
}

/** More than what gateways put into one message: what is larger would close the connection, and with it others' streams. */
const maxMessageBytes = 4 * 1024 * 1024;
const initTimeoutMs = 5_000;
/** How long a gateway that is told to leave is waited for: one that is gone never answers. */
const closeTimeoutMs = 2_000;

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

/** What is known about a connection. */
interface Connected extends Record<PropertyKey, unknown> {
  caller?: Caller;
  /** Each of its streams proves whose it is; the connection's own caller has no part in them. */
  provesEach?: boolean;
}

/**
 * Serves subscriptions to gateways by the graphql-transport-ws protocol. The gateway signs `connection_init`: one socket, one
 * caller; or, where it has asked for that, each `subscribe`: one socket for all callers.
 */
export function addSubscriptionSocket(server: FastifyInstance, options: SubscriptionSocketOptions): void {
  const { subgraph, schema, principalSecrets, createRequestContext, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  server.server.on('upgrade', (request, socket, head) => {
    if (request.url !== graphqlPath) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
  });
  const verify = (proof: Readonly<Record<string, unknown>>, method: string, body: string): Caller => ({
    signed: verifyPrincipal(
      principalSecrets,
      { audience: subgraph, method, path: graphqlPath, body },
      proof,
      Date.now(),
    ),
    requestId: requestIdFrom(proof['x-request-id']),
  });
  /** Of streams that have proved whose they are. */
  const callers = new WeakMap<SubscribePayload, Caller>();
  const closing = useServer<Record<string, unknown>, Connected>(
    {
      schema,
      connectionInitWaitTimeout: initTimeoutMs,
      onConnect: (connection) => {
        const parameters = connection.connectionParams ?? {};
        try {
          connection.extra.caller = verify(parameters, 'GET', '');
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          warnOfSignature(logger, error, { requestId: requestIdFrom(parameters['x-request-id']) });
          return false;
        }
        if (parameters[principalsParameter] !== perMessagePrincipals) return true;
        connection.extra.provesEach = true;
        return { [principalsParameter]: perMessagePrincipals };
      },
      onSubscribe({ extra }, _id, payload) {
        if (extra.provesEach !== true) {
          if (extra.caller !== undefined) callers.set(payload, extra.caller);
          return undefined;
        }
        try {
          callers.set(payload, verify(proofIn(payload), 'SUBSCRIBE', signedSubscription(payload)));
          return undefined;
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          warnOfSignature(logger, error, { requestId: requestIdFrom(proofIn(payload)['x-request-id']) });
          return [new GraphQLError(error.message, { extensions: { ...errorExtensions(error) } })];
        }
      },
      context: (_connection, _id, payload) => {
        const caller = callers.get(payload);
        if (caller === undefined) throw signatureRefused('SIGNATURE_MISSING');
        return { ...createRequestContext(caller.signed, caller.requestId), ...lastEventIdIn(payload.extensions) };
      },
      execute: executeOnce,
      subscribe: (args) => subscribe(args, createRequestContext),
      onError: (_connection, _id, _payload, errors) =>
        errors.map((error) => formatSubgraphError(error.toJSON(), error)),
      onNext: (_connection, _id, _payload, _args, result) => formatResult(result),
    },
    sockets,
  );
  // The server waits for connections that were upgraded, so they end in its closing, not after it.
  server.addHook('preClose', async () => {
    const timer = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), closeTimeoutMs);
    await closing.dispose();
    clearTimeout(timer);
  });
}

/** Queries and mutations come over sockets too: their reads end with their answer. */
async function executeOnce(args: ExecutionArgs): Promise<ExecutionResult> {
  const { scope } = args.contextValue as SubgraphContext;
  try {
    return await execute(args);
  } finally {
    scope.close();
  }
}

/** What a stream proves whose it is by. */
function proofIn({ extensions }: SubscribePayload): Readonly<Record<string, unknown>> {
  const proof = extensions?.['tessera'];
  return typeof proof === 'object' && proof !== null ? (proof as Readonly<Record<string, unknown>>) : {};
}

function lastEventIdIn(extensions: Readonly<Record<string, unknown>> | null | undefined) {
  const lastEventId = extensions?.['lastEventId'];
  return typeof lastEventId === 'string' || lastEventId === null ? { lastEventId } : {};
}

/**
 * graphql-js's `subscribe`, but each event is executed with a context of its own: loaders see fresh data and the event's
 * reading ends with it.
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
    const takenAtMs = Date.now();
    if (!(event instanceof IdentifiedEvent)) {
      return { ...(await answerValue(event)), extensions: { publishedAtMs: takenAtMs } };
    }
    const { eventId, value, publishedAt } = event;
    if (value === undefined) return { extensions: { eventId } };
    const publishedAtMs = publishedAt?.getTime() ?? takenAtMs;
    return { ...(await answerValue(value)), extensions: { eventId, publishedAtMs } };
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
