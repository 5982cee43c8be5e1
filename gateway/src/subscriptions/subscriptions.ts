import { signPrincipal } from '@tessera/service/identity';
import type { LiveEvents } from '@tessera/service/live-events';
import type { Logger } from '@tessera/service/logging';
import type { RequestContext } from '../context.js';
import type { Engine } from '../execution/engine.js';
import type { PreparedOperation, SubscriptionFetch } from '../execution/prepared-operation.js';
import type { Instance } from '../registry/instance-set.js';
import type { StreamInstances } from '../registry/stream-instances.js';
import type { AnswerStream, StreamedAnswer } from '../transport/operation-handler.js';
import { createDeliveryPolicies, type DeliveryPolicy } from './delivery-policy.js';
import { EventQueue } from './event-queue.js';
import { createEventStream } from './event-stream.js';
import type { BoundSubscription, EventSources } from './events/event-sources.js';
import { openLiveUpstream } from './events/live-upstream.js';
import type { SharedAnswer } from './shared-answer.js';
import { SharedStream } from './shared-stream.js';
import { aloneScope, answersKey, principalScope, scopeOf, upstreamKey } from './sharing-key.js';
import type { StreamObserver } from './stream-observer.js';
import { openUpstream } from './upstream.js';

type Variables = Readonly<Record<string, unknown>> | undefined;

export interface SubscriptionsOptions {
  readonly engine: Engine & Guards;
  readonly logger: Logger;
  readonly instances: StreamInstances;
  /** Which subscriptions are bound to channels and streams. */
  readonly sources: EventSources;
  readonly liveEvents: LiveEvents;
  /** The secret that streams are signed with; without one they go unsigned. */
  readonly signingSecret: string | undefined;
  /** The deadline of completing one event. */
  readonly eventTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** What waits for one subscriber, or to be completed for several. */
  readonly maxBufferedEvents: number;
  readonly maxBufferedBytes: number;
  /** Whether equal subscribers share a stream. */
  readonly isShared: boolean;
  readonly observer: StreamObserver;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

interface Guards {
  /** Whether only some callers may have some of an operation. */
  isGuarded(prepared: PreparedOperation): boolean;
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
  const { engine, instances, observer, isShared } = options;
  const policyOf = createDeliveryPolicies(engine.supergraph);
  const numberOf = createNumbering();
  /** Those that may be joined. */
  const streams = new Map<string, SharedStream>();

  return {
    open(prepared, variables, context) {
      const fetch = engine.subscriptionFetch(prepared, variables, context);
      const policy = policyOf(prepared);
      const keepsLatest = policy.whenBehind === 'latest';
      const queue = new EventQueue<SharedAnswer>({
        ...options,
        maxItems: options.maxBufferedEvents,
        maxBytes: options.maxBufferedBytes,
        keepsLatest,
        onReplaced: () => observer.replaced(1),
        onFull() {
          observer.fellBehind();
          stop();
          context.onFallenBehind?.();
        },
      });
      let leave: (() => void) | undefined;
      let isStopped = false;
      const stop = (): void => {
        isStopped = true;
        leave?.();
        leave = undefined;
      };

      const join = (fetched: SubscriptionFetch): void => {
        if (isStopped) return;
        const bound = options.sources.bind(fetched, context);
        const { upstream, answers } = keysOf(prepared, variables, context, policy, fetched, bound);
        const stream = streams.get(upstream) ?? openStream(upstream, fetched, context, bound);
        leave = stream.join(
          answers,
          { context, queue },
          {
            ...options,
            keepsLatest,
            async complete(event, during) {
              const received = bound === undefined ? event : await bound.receive(event, during);
              return engine.executeEvent(prepared, received, variables, during);
            },
          },
        );
      };
      fetch.then(join).catch((error: unknown) => queue.cut(error));
      const end = (): void => queue.cut(context.signal.reason);
      if (context.signal.aborted) end();
      context.signal.addEventListener('abort', end, { once: true });

      return createEventStream<StreamedAnswer>({
        next: () => queue.next(),
        close() {
          context.signal.removeEventListener('abort', end);
          queue.close();
          stop();
        },
      });
    },
  };

  function openStream(
    key: string,
    fetched: SubscriptionFetch,
    context: RequestContext,
    bound: BoundSubscription | undefined,
  ): SharedStream {
    const { subgraph, query, operationName, variables } = fetched;
    const tried = new Set<Instance>();
    const stream = new SharedStream(context, {
      observer,
      onOver: () => streams.delete(key),
      open: (sink) => {
        if (bound !== undefined) return openLiveUpstream(options.liveEvents, bound.source, sink);
        return openUpstream(
          {
            subgraph,
            takeSeat: () => instances.take(subgraph, tried),
            connectionParams: (url) => connectionParams(subgraph, url, sink.context, options),
            payload: { query, operationName: operationName ?? null, variables },
          },
          sink,
          { ...options, maxEventBytes, maxRetries, retryDelayMs, pingIntervalMs },
        );
      },
    });
    streams.set(key, stream);
    return stream;
  }

  /**
   * Where an event is completed by other subgraphs, or shows different things to different people, it is so for each
   * principal apart, even if the whole tenant shares the stream.
   */
  function keysOf(
    prepared: PreparedOperation,
    variables: Variables,
    context: RequestContext,
    policy: DeliveryPolicy,
    fetched: SubscriptionFetch,
    bound: BoundSubscription | undefined,
  ) {
    const scope = isShared ? scopeOf(context, policy) : aloneScope();
    const isSame = fetched.isWhole && !engine.isGuarded(prepared);
    const answersScope = isSame ? scope : principalScope(context);
    return {
      upstream: upstreamKey(fetched, scope, bound?.source),
      answers: answersKey([numberOf(prepared), numberOf(fetched.variant)], variables, answersScope),
    };
  }
}

/** Numbers things that have no text of their own. */
function createNumbering(): (thing: object) => number {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return (thing) => {
    const number = numbers.get(thing) ?? (last += 1);
    numbers.set(thing, number);
    return number;
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
