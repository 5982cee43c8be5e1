import { AppError } from '@tessera/service/errors';
import { refusedSignatureIn } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import type { RequestContext } from '../context.js';
import type { StreamSeat } from '../registry/stream-instances.js';
import { createPatience, type PatienceOptions } from './patience.js';
import type { OpenStream, StreamLoss, StreamPayload, StreamTransport } from './upstreams/stream-transport.js';

/** What arrives from a subgraph: an event, or its reasons not to (go on to) send any. */
export type UpstreamItem =
  | { readonly kind: 'event'; readonly event: FormattedExecutionResult }
  | { readonly kind: 'refusal'; readonly errors: readonly GraphQLFormattedError[] };

/** What a subgraph is asked for, and on whose behalf. */
export interface UpstreamRequest {
  readonly subgraph: string;
  /**
   * Chooses an instance; asked again for every attempt, so that the next one may be another.
   *
   * @throws TypeError where the subgraph is not there any more
   */
  readonly takeSeat: () => StreamSeat;
  /** On whose behalf an attempt is made. */
  readonly context: () => RequestContext;
  readonly payload: StreamPayload;
}

/** By what it is asked, and how long it is waited for. */
export interface UpstreamOptions extends PatienceOptions {
  readonly logger: Logger;
  /** By what the subgraph is asked. */
  readonly transport: StreamTransport;
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
export type Upstream = OpenStream;

/** Opens a stream at a subgraph and pours it into a sink; where it is lost it is opened again, as long as patience lasts. */
export function openUpstream(request: UpstreamRequest, sink: UpstreamSink, options: UpstreamOptions): Upstream {
  const { subgraph } = request;
  const { logger, transport } = options;
  const patience = createPatience(options);
  let seat: StreamSeat | undefined;
  let stream: OpenStream | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let isOver = false;

  const end = (): void => {
    isOver = true;
    clearTimeout(retryTimer);
    seat?.left();
    stream?.close();
  };
  const giveUp = (cause: unknown): void => {
    logger.warn({ err: cause, subgraph }, 'the stream of a subgraph was lost');
    end();
    const message = `Subgraph ${subgraph} does not answer the subscription`;
    sink.finish({ error: new AppError('SUBGRAPH_UNAVAILABLE', message, { cause }) });
  };
  const lost = ({ cause, isInstanceFault, closeCode }: StreamLoss): void => {
    if (isOver) return;
    if (isInstanceFault) seat?.lost();
    else seat?.left();
    stream = undefined;
    if (patience.lost(closeCode)) retryTimer = setTimeout(attempt, patience.delayMs());
    else giveUp(cause);
  };
  const attempt = (): void => {
    try {
      seat = request.takeSeat();
    } catch (error) {
      // Not before whoever opens it has got it.
      queueMicrotask(() => giveUp(error));
      return;
    }
    const { url } = seat;
    const opened = transport.open(
      { subgraph, url, payload: request.payload, context: request.context() },
      {
        accepted() {
          if (isOver) return;
          seat?.accepted();
          if (patience.accepted()) sink.reopened();
        },
        event(event) {
          if (isOver) return;
          patience.proven();
          sink.push({ kind: 'event', event });
        },
        refused(errors) {
          if (isOver) return;
          const unsigned = refusedSignatureIn({ errors });
          if (unsigned !== undefined) return giveUp(unsigned);
          end();
          sink.push({ kind: 'refusal', errors });
          sink.finish();
        },
        completed() {
          if (isOver) return;
          end();
          sink.finish();
        },
        lost,
      },
    );
    // It may be over already.
    if (!isOver) stream = opened;
  };
  attempt();
  return { close: end };
}
