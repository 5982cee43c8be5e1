import { AppError } from '@tessera/service/errors';
import type { ClientAddressOf, ClientPlaceOf } from '@tessera/service/http';
import type { IncomingMessage } from 'node:http';
import type { Caller, RequestContext } from '../../context.js';
import { anonymousCaller } from '../../guards/anonymous-caller.js';
import type { ForwardHeaders } from '../forward-headers.js';
import type { OperationHandler, ReadyOperation } from '../operation-handler.js';
import type { OperationRequest } from '../operation-request.js';
import { createRequestContext } from '../request-context.js';
import { HttpFault } from './http-fault.js';
import { notAcceptable, type Acceptance } from './negotiate.js';

/** What operations that come over HTTP are served with. */
export interface IncomingServing {
  readonly handler: OperationHandler;
  readonly requestTimeoutMs: number;
  readonly forwardHeaders: ForwardHeaders;
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
}

/** An operation, and what else its request says. */
export interface Incoming {
  readonly operation: OperationRequest;
  readonly message: Pick<IncomingMessage, 'method' | 'headers' | 'socket'>;
  readonly requestId: string;
  readonly acceptance: Acceptance;
  readonly signal: AbortSignal;
  /** Adds a header to the answer. */
  readonly setResponseHeader: (name: string, value: string) => void;
  readonly offerRepeatOf?: ((caller: Caller) => RequestContext['offerRepeat']) | undefined;
}

/** An operation that may run for its caller, and be answered as its client accepts. */
export interface PreparedIncoming {
  readonly ready: ReadyOperation;
  readonly caller: Caller;
  readonly context: RequestContext;
}

/**
 * Finds out who calls, and what the operation is; how its bytes came is somebody else's.
 *
 * @throws HttpFault where its client accepts nothing that could carry the answer; AppError or OperationRefusal
 */
export async function prepareIncoming(incoming: Incoming, serving: IncomingServing): Promise<PreparedIncoming> {
  const { message, operation, requestId, signal, setResponseHeader, offerRepeatOf } = incoming;
  const { handler, forwardHeaders, clientAddressOf, clientPlaceOf } = serving;
  const { headers } = message;
  const clientAddress = clientAddressOf(message);
  let refusedToken: AppError | undefined;
  let known: Caller;
  try {
    const found = handler.authenticate(headers.authorization, clientAddress);
    known = found instanceof Promise ? await found : found;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'UNAUTHENTICATED') throw error;
    // Clients send what token they have, also to sign in, or to refresh it.
    refusedToken = error;
    known = anonymousCaller;
  }
  const caller = forwardHeaders(known, headers);
  const offerRepeat = offerRepeatOf?.(caller);
  const context = createRequestContext(caller, headers, requestId, signal, {
    clientAddress,
    clientPlace: clientPlaceOf(message),
    setResponseHeader,
    offerRepeat,
    refusedToken,
  });
  const ready = await handler.prepare(operation, context);
  assertServable(ready, message.method, incoming.acceptance);
  return { ready, caller, context };
}

function assertServable(
  { kind, runDeferred }: ReadyOperation,
  method: string | undefined,
  { single, stream, deferred }: Acceptance,
): void {
  if (kind === 'mutation' && method === 'GET') {
    throw new HttpFault(405, 'Mutations are not served over GET', { allow: 'POST' });
  }
  const isInParts = deferred !== undefined && runDeferred !== undefined;
  if (kind !== 'subscription' && single === undefined && !isInParts) throw notAcceptable();
  if (kind === 'subscription' && stream === undefined) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Subscriptions are served over WebSocket (graphql-transport-ws), or as text/event-stream or multipart/mixed: accept one',
    );
  }
}
