import { signPrincipal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import type { Engine } from '../execution/engine.js';
import type { PreparedOperation, SubscriptionFetch } from '../execution/prepared-operation.js';
import type { Instance } from '../registry/instance-set.js';
import type { StreamInstances } from '../registry/stream-instances.js';
import { runWithDeadline } from '../transport/deadline.js';
import type { AnswerStream } from '../transport/operation-handler.js';
import { OperationRefusal } from '../transport/operation-refusal.js';
import { EventQueue } from './event-queue.js';
import { createEventStream } from './event-stream.js';
import { openUpstream, type UpstreamItem } from './upstream.js';

type Variables = Readonly<Record<string, unknown>> | undefined;

export interface SubscriptionsOptions {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly instances: StreamInstances;
  /** The secret that streams are signed with; without one they go unsigned. */
  readonly signingSecret: string | undefined;
  /** The deadline of completing one event. */
  readonly eventTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxBufferedEvents: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** Streams of federated events. */
export interface Subscriptions {
  /**
   * Opens a stream: one subgraph sends the events, the others fill in their fields.
   *
   * @param context its signal ends the stream at once, with its reason as the error
   * @throws AppError `BAD_USER_INPUT` for variables that do not fit
   */
  open(prepared: PreparedOperation, variables: Variables, context: RequestContext): AnswerStream;
}

const maxRetries = 4;
const retryDelayMs = 200;
const pingIntervalMs = 15_000;
const maxEventBytes = 16 * 1024 * 1024;

/** Creates the room of streams over one engine. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { engine, logger, instances, eventTimeoutMs, connectTimeoutMs, maxBufferedEvents } = options;

  return {
    open(prepared, variables, context) {
      const fetch = engine.subscriptionFetch(prepared, variables, context);
      const queue = new EventQueue<UpstreamItem>(maxBufferedEvents);
      let upstream: { close(): void } | undefined;
      let isClosed = false;
      const start = ({ subgraph, query, operationName, variables: upstreamVariables }: SubscriptionFetch): void => {
        if (isClosed) return;
        const tried = new Set<Instance>();
        upstream = openUpstream(
          {
            subgraph,
            takeSeat: () => instances.take(subgraph, tried),
            connectionParams: (url) => connectionParams(subgraph, url, context, options),
            payload: { query, operationName: operationName ?? null, variables: upstreamVariables },
          },
          queue,
          { logger, connectTimeoutMs, maxEventBytes, maxRetries, retryDelayMs, pingIntervalMs },
        );
      };
      fetch.then(start).catch((error: unknown) => queue.cut(error));
      const end = (): void => queue.cut(context.signal.reason);
      if (context.signal.aborted) end();
      context.signal.addEventListener('abort', end, { once: true });

      const complete = (event: FormattedExecutionResult): Promise<FormattedExecutionResult> =>
        runWithDeadline(context.signal, eventTimeoutMs, (signal) =>
          engine.executeEvent(prepared, event, variables, { ...context, signal }),
        );
      return createEventStream({
        async next() {
          const item = await queue.next();
          if (item.done === true) return item;
          if (item.value.kind === 'event') return { done: false, value: { answer: await complete(item.value.event) } };
          // The answer room decides what of a subgraph's reasons may be seen.
          const refused = await complete({ data: null, errors: item.value.errors });
          throw new OperationRefusal(refused.errors ?? []);
        },
        close() {
          context.signal.removeEventListener('abort', end);
          isClosed = true;
          queue.close();
          upstream?.close();
        },
      });
    },
  };
}

function connectionParams(
  subgraph: string,
  url: string,
  context: RequestContext,
  options: SubscriptionsOptions,
): Record<string, unknown> {
  const { signingSecret, now = Date.now } = options;
  const path = new URL(url).pathname;
  return {
    'x-request-id': context.requestId,
    traceparent: context.traceparent,
    ...context.forwardedHeaders,
    ...(signingSecret === undefined
      ? {}
      : signPrincipal(
          signingSecret,
          { audience: subgraph, method: 'GET', path, body: '' },
          { principal: context.encodedPrincipal },
          now(),
        )),
  };
}
