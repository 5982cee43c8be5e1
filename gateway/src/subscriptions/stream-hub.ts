import type { LiveEvents, LiveSource } from '@tessera/service/live-events';
import type { Logger } from '@tessera/service/logging';
import type { RequestContext } from '../context.js';
import type { SubscriptionFetch } from '../execution/prepared-operation.js';
import type { Instance } from '../registry/instance-set.js';
import type { StreamInstances } from '../registry/stream-instances.js';
import { openLiveUpstream } from './events/live-upstream.js';
import { KeyedLists } from './keyed-lists.js';
import { SharedStream } from './shared-stream.js';
import type { StreamObserver } from './stream-observer.js';
import { openUpstream, type Upstream } from './upstream.js';
import type { StreamTransport } from './upstreams/stream-transport.js';

/** By what streams are opened, and who is told of them. */
export interface StreamHubOptions {
  readonly logger: Logger;
  /** Channels and streams that fields are bound to. */
  readonly liveEvents: LiveEvents;
  /** By what subgraphs are asked. */
  readonly transport: StreamTransport;
  /** How long a stream that was lost is tried to be opened again. */
  readonly resumeTimeoutMs: number;
  /** Events that wait for one subscriber, or to be completed. */
  readonly maxBufferedEvents: number;
  readonly observer: StreamObserver;
}

/** What a stream is opened for. */
export interface StreamRequest {
  /** Equal for what one stream can serve. */
  readonly key: string;
  readonly fetch: SubscriptionFetch;
  /** Where the events come from, if not from the subgraph. */
  readonly source: LiveSource | undefined;
  readonly context: RequestContext;
  /** After which event it begins. */
  readonly after: string | undefined;
  readonly keepsLatest: boolean;
}

const maxRetries = 4;
const retryDelayMs = 200;
const maxRecentEvents = 256;

/** The streams that are open at subgraphs. They outlive supergraphs: what asks the same of a subgraph goes on. */
export class StreamHub {
  readonly #options: StreamHubOptions;
  /** Those that may be joined. */
  readonly #streams = new KeyedLists<SharedStream>();
  readonly #numbers = new WeakMap<object, number>();
  #instances: StreamInstances | undefined;
  #lastNumber = 0;
  #lastOrder = 0;

  constructor(options: StreamHubOptions) {
    this.#options = options;
  }

  /** Where streams are opened from now on. */
  useInstances(instances: StreamInstances): void {
    this.#instances = instances;
  }

  /** Numbers things that have no text of their own. */
  numberOf(thing: object): number {
    const number = this.#numbers.get(thing) ?? (this.#lastNumber += 1);
    this.#numbers.set(thing, number);
    return number;
  }

  /** A stream that goes on where the subscriber is, be it open already or not. */
  take(request: StreamRequest): SharedStream {
    const { key, after } = request;
    const isFitting = (stream: SharedStream): boolean =>
      after === undefined ? !stream.isResumed : stream.knows(after);
    return this.#streams.of(key).find(isFitting) ?? this.#open(request);
  }

  #open({ key, fetch, source, context, after, keepsLatest }: StreamRequest): SharedStream {
    const { liveEvents, observer, maxBufferedEvents } = this.#options;
    const stream = new SharedStream(context, {
      key,
      after,
      keepsLatest,
      maxRecentEvents: Math.min(maxRecentEvents, maxBufferedEvents),
      observer,
      nextOrder: () => (this.#lastOrder += 1),
      onOver: () => this.#streams.delete(stream),
      onMoved: () => this.#joinStreams(key),
      open: (sink) =>
        source === undefined
          ? this.#openUpstream(fetch, sink, keepsLatest)
          : openLiveUpstream(liveEvents, source, sink, sink.lastEventId),
    });
    this.#streams.add(stream);
    return stream;
  }

  #openUpstream(
    { subgraph, query, operationName, variables }: SubscriptionFetch,
    sink: SharedStream,
    keepsLatest: boolean,
  ): Upstream {
    const tried = new Set<Instance>();
    return openUpstream(
      {
        subgraph,
        takeSeat: () => this.#takeSeat(subgraph, tried),
        context: () => sink.context,
        payload: {
          query,
          operationName: operationName ?? null,
          variables,
          // Read anew for each attempt: a stream that was lost goes on behind the last event that came.
          get extensions() {
            return keepsLatest ? undefined : { lastEventId: sink.lastEventId ?? null };
          },
        },
      },
      sink,
      { ...this.#options, maxRetries, retryDelayMs },
    );
  }

  #takeSeat(subgraph: string, tried: Set<Instance>) {
    if (this.#instances === undefined) throw new TypeError('No supergraph has said where subgraphs are');
    return this.#instances.take(subgraph, tried);
  }

  /** A stream that was opened for who came back from the past ends where another one goes on. */
  #joinStreams(key: string): void {
    const streams = this.#streams.of(key);
    if (streams.length < 2) return;
    for (const stream of streams) {
      const { lastEventId } = stream;
      if (!stream.isResumed || stream.isOver || lastEventId === undefined || !stream.isIdle) continue;
      streams.find((other) => other !== stream && !other.isOver && other.knows(lastEventId))?.adopt(stream);
    }
  }
}
