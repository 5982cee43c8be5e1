import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { createClient, type Client, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { StreamSeat } from '../registry/stream-instances.js';
import { createPatience } from './patience.js';

/** What arrives from a subgraph: an event, or its reasons not to (go on to) send any. */
export type UpstreamItem =
  | { readonly kind: 'event'; readonly event: FormattedExecutionResult }
  | { readonly kind: 'refusal'; readonly errors: readonly GraphQLFormattedError[] };

export interface UpstreamRequest {
  readonly subgraph: string;
  /** Chooses an instance; asked again for every attempt, so that the next one may be another. */
  readonly takeSeat: () => StreamSeat;
  /** Payload of `connection_init` for one attempt; signatures in it are fresh. */
  readonly connectionParams: (url: string) => Record<string, unknown>;
  readonly payload: SubscribePayload;
}

export interface UpstreamOptions {
  readonly logger: Logger;
  /** From opening the socket to the subgraph's acknowledgement. */
  readonly connectTimeoutMs: number;
  readonly maxEventBytes: number;
  /** How often opening a stream is tried again before the subscription is given up. */
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  /** How long a stream that had been open is tried to be opened again, however often. */
  readonly resumeTimeoutMs: number;
  /** How often the subgraph is pinged; a ping that is not answered by the next counts as a lost stream. */
  readonly pingIntervalMs: number;
}

/** Where a stream's items go. */
export interface UpstreamSink {
  push(item: UpstreamItem): void;
  /** The stream was lost, and its subgraph has taken it again. */
  reopened(): void;
  /** No more items; with what failed, if it failed. */
  finish(failure?: { readonly error: unknown }): void;
}

/** A stream of one subgraph's events; `close` ends it there too. */
export interface Upstream {
  close(): void;
}

/** Opens a stream at a subgraph over graphql-transport-ws and pours it into a sink. */
export function openUpstream(request: UpstreamRequest, sink: UpstreamSink, options: UpstreamOptions): Upstream {
  const { subgraph } = request;
  const log = options.logger.child({ subgraph });
  const unavailable = (cause: unknown): AppError =>
    new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph ${subgraph} does not answer the subscription`, { cause });
  const { client, dispose } = connect(request, options, {
    reopened: () => sink.reopened(),
    givenUp(cause) {
      log.warn({ err: asError(cause) }, 'the stream of a subgraph was lost');
      sink.finish({ error: unavailable(cause) });
    },
  });
  const leave = client.subscribe(request.payload, {
    next: (event) => sink.push({ kind: 'event', event: { ...event } as FormattedExecutionResult }),
    error: (thrown) => {
      if (Array.isArray(thrown)) {
        sink.push({ kind: 'refusal', errors: thrown as readonly GraphQLFormattedError[] });
        sink.finish();
      } else {
        log.warn({ err: asError(thrown) }, 'a subgraph does not answer a subscription');
        sink.finish({ error: unavailable(thrown) });
      }
      dispose();
    },
    complete: () => {
      sink.finish();
      dispose();
    },
  });
  return {
    close() {
      leave();
      dispose();
    },
  };
}

interface Connection {
  readonly client: Client;
  dispose(): void;
}

interface ConnectionEvents {
  reopened(): void;
  givenUp(cause: unknown): void;
}

function connect(request: UpstreamRequest, options: UpstreamOptions, events: ConnectionEvents): Connection {
  let seat: StreamSeat | undefined;
  let pongTimer: NodeJS.Timeout | undefined;
  const patience = createPatience(options);
  const client = createClient({
    url: () => (seat = request.takeSeat()).url,
    connectionParams: () => request.connectionParams(seat?.url ?? ''),
    webSocketImpl: socketWith(options),
    connectionAckWaitTimeout: options.connectTimeoutMs,
    keepAlive: options.pingIntervalMs,
    // How often and how long is decided below, where a connection has been closed.
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async () => {
      await wait(patience.delayMs());
    },
    // A subgraph that is not there any more has no address, and no connection that could be closed.
    shouldRetry: (thrown) => !(thrown instanceof TypeError),
    on: {
      ping: (received) => {
        if (!received) pongTimer = setTimeout(() => client.terminate(), options.pingIntervalMs);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
      message: ({ type }) => {
        if (type === 'next') patience.proven();
      },
      connected: () => {
        seat?.accepted();
        if (patience.accepted()) events.reopened();
      },
      closed: (event) => {
        clearTimeout(pongTimer);
        if (isRefusal(event)) seat?.left();
        else seat?.lost();
        if (patience.lost(codeOf(event))) return;
        events.givenUp(event);
        void client.dispose();
      },
    },
  });
  return {
    client,
    dispose() {
      clearTimeout(pongTimer);
      seat?.left();
      void client.dispose();
    },
  };
}

/** graphql-ws makes sockets by calling `new` with a URL and a protocol, so limits have to be in the class. */
function socketWith({ connectTimeoutMs, maxEventBytes }: UpstreamOptions): unknown {
  return class UpstreamSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols, {
        handshakeTimeout: connectTimeoutMs,
        maxPayload: maxEventBytes,
        perMessageDeflate: false,
      });
    }
  };
}

/** What the protocol itself says no with is about the subscription, not about the instance. */
function isRefusal(event: unknown): boolean {
  const code = codeOf(event);
  return code !== undefined && code >= 4400 && code < 4500;
}

function codeOf(event: unknown): number | undefined {
  const { code } = event as { readonly code?: unknown };
  return typeof code === 'number' ? code : undefined;
}

function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  const { code, reason, error } = thrown as {
    readonly code?: unknown;
    readonly reason?: unknown;
    readonly error?: unknown;
  };
  return error instanceof Error ? error : new Error(`closed with ${String(code)} ${String(reason)}`);
}
