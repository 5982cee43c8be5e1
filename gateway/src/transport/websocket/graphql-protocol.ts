import { randomUUID } from 'node:crypto';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import {
  GraphQLError,
  GraphQLSchema,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type FormattedExecutionResult,
} from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { RequestContext } from '../../context.js';
import { answerErrors } from '../format-error.js';
import type { ForwardHeaders } from '../forward-headers.js';
import type { LiveConnections } from '../live-connections.js';
import type { AnswerStream, OperationHandler, ReadyOperation } from '../operation-handler.js';
import { parseOperationRequest } from '../operation-request.js';
import { createRequestContext } from '../request-context.js';
import { runWithDeadline } from '../deadline.js';
import { answerOnce } from './answer-once.js';
import { closureFor } from './close-codes.js';
import { initHeaders } from './init-headers.js';
import { lastingHeaders } from './lasting-headers.js';
import { reauthenticate, tokenIn } from './reauthenticate.js';
import { sendEvents } from './send-events.js';
import type { SocketSession } from './socket-session.js';

/** What messages are handled by, and the limits of a socket. */
export interface GraphqlProtocolOptions {
  readonly handler: OperationHandler;
  /** Where open sockets are kept. */
  readonly connections: LiveConnections;
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
  readonly forwardHeaders: ForwardHeaders;
  readonly maxOperationsPerSocket: number;
}

type Extra = { session: SocketSession };

/** An operation on its way through graphql-ws, which knows how to carry a context but not what is in it. */
interface SocketOperation {
  /** Until it is begun: graphql-ws holds this as long as a subscription lasts. */
  ready: ReadyOperation | undefined;
  readonly session: SocketSession;
  readonly requestId: string;
  /** The client's id of it. */
  readonly id: string;
}

/** graphql-ws wants a schema and a document to execute by itself; here it only reads off whether to expect a stream. */
const noSchema = new GraphQLSchema({});
const documents: Readonly<Record<ReadyOperation['kind'], DocumentNode>> = {
  query: documentOf(OperationTypeNode.QUERY),
  mutation: documentOf(OperationTypeNode.MUTATION),
  subscription: documentOf(OperationTypeNode.SUBSCRIPTION),
};

/** Speaks graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md) for the handler. */
export function createGraphqlProtocol(options: GraphqlProtocolOptions): Server<Extra> {
  const { handler, logger, requestTimeoutMs, maxOperationsPerSocket, forwardHeaders, connections } = options;

  /** graphql-ws hands the same payload object to every hook of one operation. */
  const requestIds = new WeakMap<SubscribePayload, string>();
  const requestIdOf = (payload: SubscribePayload): string => {
    const requestId = requestIds.get(payload) ?? wholeText(randomUUID());
    requestIds.set(payload, requestId);
    return requestId;
  };

  const accept = async (
    session: SocketSession,
    id: string,
    underWay: number,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs> => {
    const requestId = requestIdOf(payload);
    session.over.throwIfAborted();
    if (underWay > maxOperationsPerSocket) {
      throw new AppError('RATE_LIMITED', 'Too many operations run on this socket', {
        details: { limit: maxOperationsPerSocket },
      });
    }
    const request = parseOperationRequest(payload);
    const ready = await runWithDeadline(session.gone, requestTimeoutMs, (signal) =>
      handler.prepare(request, contextOf(session, requestId, signal)),
    );
    const operation: SocketOperation = { ready, session, requestId, id };
    return { schema: noSchema, document: documents[ready.kind], contextValue: operation };
  };

  return makeServer<Record<string, unknown>, Extra>({
    // The session sees to that: one timer of the library for each socket stays as long as the socket.
    connectionInitWaitTimeout: 0,
    async onConnect(socket) {
      const { session } = socket.extra;
      session.introduce();
      const headers = { ...session.headers, ...initHeaders(socket.connectionParams) };
      // The library would hold the token as long as the socket.
      Object.assign(socket, { connectionParams: undefined });
      session.headers = lastingHeaders(headers, forwardHeaders);
      try {
        const caller = await handler.authenticate(authorizationOf(headers), session.clientAddress);
        connections.admit(session, caller);
        session.admit(forwardHeaders(caller, headers));
      } catch (error) {
        throw closureFor(error);
      }
      return true;
    },
    async onPing({ acknowledged, extra: { session } }, payload) {
      const authorization = tokenIn(payload);
      if (acknowledged && authorization !== undefined) await reauthenticate(session, authorization, options);
    },
    async onSubscribe({ extra: { session }, subscriptions }, id, payload) {
      try {
        return await session.answer(() => accept(session, id, Object.keys(subscriptions).length, payload));
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    execute: ({ contextValue }) =>
      answerOnce((signal) => runOnce(contextValue as SocketOperation, signal, requestTimeoutMs)),
    subscribe: async ({ contextValue }) => {
      const operation = contextValue as SocketOperation;
      const { session, requestId, id } = operation;
      const context = contextOf(session, requestId, session.over);
      const lasting: RequestContext = {
        ...context,
        traceparent: wholeText(context.traceparent),
        onFallenBehind: () => session.fellBehind(),
        onRenewed: (listener) => session.onRenewed(listener),
      };
      try {
        return sendEvents(begin(operation).subscribe(lasting), id, session);
      } catch (error) {
        return sendEvents(failed(error), id, session);
      }
    },
    onNext: (_context, _id, _payload, _args, { data }) => data?.['answer'] as FormattedExecutionResult,
    onError: (_context, _id, payload, errors) =>
      errors.flatMap((error) => answerErrors(error.originalError ?? error, requestIdOf(payload), logger)),
  });
}

/** @param unwanted aborted when the client has said that it does not wait any more */
function runOnce(operation: SocketOperation, unwanted: AbortSignal, timeoutMs: number) {
  const { session, requestId } = operation;
  return session.answer(async () => {
    const over = AbortSignal.any([session.gone, unwanted]);
    const answer = await runWithDeadline(over, timeoutMs, (signal) =>
      begin(operation).run(contextOf(session, requestId, signal)),
    );
    return { data: { answer } };
  });
}

function begin(operation: SocketOperation): ReadyOperation {
  const { ready } = operation;
  if (ready === undefined) throw new TypeError('An operation is begun once');
  operation.ready = undefined;
  return ready;
}

/** V8 keeps what was put together as the tree of its parts, which for an id is ten times as large as its text. */
function wholeText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function contextOf(session: SocketSession, requestId: string, signal: AbortSignal) {
  const { caller, clientAddress, clientPlace } = session;
  if (caller === undefined) throw new AppError('UNAUTHENTICATED', 'The socket has not been initialised');
  return createRequestContext(caller, session.headers, requestId, signal, { clientAddress, clientPlace });
}

async function* failed(error: unknown): AnswerStream {
  throw error;
}

function documentOf(operation: OperationTypeNode): DocumentNode {
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation,
        selectionSet: { kind: Kind.SELECTION_SET, selections: [] },
      },
    ],
  };
}

function asGraphQLError(thrown: unknown): GraphQLError {
  const originalError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new GraphQLError(originalError.message, { originalError });
}

/** @throws AppError `UNAUTHENTICATED` for what is there and no text: nobody who tries to say who they are is anonymous */
function authorizationOf({ authorization }: Readonly<Record<string, unknown>>): string | undefined {
  if (authorization === undefined || authorization === null) return undefined;
  if (typeof authorization === 'string') return authorization;
  throw new AppError('UNAUTHENTICATED', 'Authorization must be a text');
}
