import type { Attached, RequestContext } from '../context.js';
import type { Engine } from '../execution/engine.js';
import type { PreparedOperation, SubscriptionFetch } from '../execution/prepared-operation.js';
import type { Beginning } from '../transport/last-event-id.js';
import type { AnswerStream, StreamedAnswer } from '../transport/operation-handler.js';
import type { CompleteEvent, GroupStream } from './group-stream.js';
import { createDeliveryPolicies, type DeliveryPolicy } from './delivery-policy.js';
import { EventQueue } from './event-queue.js';
import { createEventStream, type EventStreamParts } from './event-stream.js';
import type { BoundSubscription, EventSources } from './events/event-sources.js';
import { noteEnding } from './note-ending.js';
import type { SharedAnswer } from './shared-answer.js';
import { aloneScope, answersKey, principalScope, scopeOf, upstreamKey, type Scope } from './sharing-key.js';
import type { StreamHub } from './stream-hub.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';

type Variables = Readonly<Record<string, unknown>> | undefined;

/** What the room of streams is made from, and its limits. */
export interface SubscriptionsOptions {
  readonly engine: Engine & Guards;
  /** Where streams are open, for this supergraph and for others. */
  readonly hub: StreamHub;
  /** Which subscriptions are bound to channels and streams. */
  readonly sources: EventSources;
  /** The deadline of completing one event. */
  readonly eventTimeoutMs: number;
  /** What waits for one subscriber, or to be completed for several. */
  readonly maxBufferedEvents: number;
  readonly maxBufferedBytes: number;
  /** Whether equal subscribers share a stream. */
  readonly isShared: boolean;
  readonly observer: StreamObserver;
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
   * @param context its signal ends the stream at once, with its reason as the error; who is attached already is taken over from,
   *   without an event's getting lost or coming twice
   * @param beginning where the stream begins; without a meaning for who takes over
   * @throws AppError `BAD_USER_INPUT` for variables that do not fit
   */
  open(prepared: PreparedOperation, variables: Variables, context: RequestContext, beginning?: Beginning): AnswerStream;
}

/** A client's subscription as those see it who take over from it. */
interface Listening extends Attached {
  readonly subscriber: Subscriber;
  readonly scope: Scope;
}

/** What decides with whom a subscriber shares. */
interface Keyed {
  readonly prepared: PreparedOperation;
  readonly variables: Variables;
  readonly context: RequestContext;
  readonly policy: DeliveryPolicy;
  readonly fetched: SubscriptionFetch;
  readonly bound: BoundSubscription | undefined;
}

const fromNowOn: Beginning = { after: undefined, isTold: false };

/** Creates the room of streams over one engine. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { engine, hub, sources, observer, isShared } = options;
  const policyOf = createDeliveryPolicies(engine.supergraph);

  return {
    open(prepared, variables, context, beginning = fromNowOn) {
      const fetch = engine.subscriptionFetch(prepared, variables, context);
      const { attachment } = context;
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
      const subscriber: Subscriber = {
        context,
        queue,
        wantsBeginning: beginning.isTold && !keepsLatest,
        after: 0,
        until: Number.POSITIVE_INFINITY,
        group: undefined,
      };
      let isStopped = false;
      const stop = (): void => {
        isStopped = true;
        subscriber.group?.remove(subscriber);
      };

      const join = (fetched: SubscriptionFetch): void => {
        if (isStopped) return;
        const before = attachment?.current as Listening | undefined;
        const left = before?.subscriber.group;
        // What has ended by itself meanwhile does not go on.
        if (before !== undefined && (left === undefined || left.isOver)) return queue.finish();
        const bound = sources.bind(fetched, context);
        const keyed = { prepared, variables, context, policy, fetched, bound };
        const { scope, key, answers } = keysOf(keyed, before?.scope);
        let after = keepsLatest ? undefined : beginning.after;
        let stream: GroupStream;
        if (before !== undefined && left !== undefined) {
          subscriber.wantsBeginning = before.subscriber.wantsBeginning;
          after = left.stream.lastEventId;
        }
        if (left?.stream.key === key && !left.stream.isOver) {
          ({ stream } = left);
          after = undefined;
          subscriber.after = stream.lastOrder;
        } else stream = hub.take({ key, fetch: fetched, source: bound?.source, context, keepsLatest, after });
        const complete: CompleteEvent = async (event, during) => {
          const received = bound === undefined ? event : await bound.receive(event, during);
          return engine.executeEvent(prepared, received, variables, during);
        };
        stream.join(answers, subscriber, { ...options, keepsLatest, complete }, after);
        takeOver({ subscriber, scope, release: () => subscriber.group?.release(subscriber) });
      };
      /** From here on nothing comes to who was attached before. */
      const takeOver = (next: Listening | undefined): void => {
        if (attachment === undefined) return;
        const before = attachment.current;
        attachment.current = next;
        if (before === undefined) return;
        attachment.moves += 1;
        before.release();
      };
      fetch.then(join).catch((error: unknown) => {
        takeOver(undefined);
        queue.cut(error);
      });
      const end = (): void => queue.cut(context.signal.reason);
      if (context.signal.aborted) end();
      context.signal.addEventListener('abort', end, { once: true });

      const observeTaken = (answer: SharedAnswer | void): void => {
        const publishedAtMs = answer?.publishedAtMs;
        if (publishedAtMs !== undefined) observer.taken(performance.now() - publishedAtMs);
      };
      const parts: EventStreamParts<StreamedAnswer> = {
        async next() {
          const result = await queue.next();
          observeTaken(result.value);
          return result;
        },
        pour: (take) =>
          queue.pour((answer) => {
            observeTaken(answer);
            return take(answer);
          }),
        close() {
          context.signal.removeEventListener('abort', end);
          queue.close();
          stop();
        },
      };
      observer.opened(policy.field);
      const wasMoved = (): boolean => subscriber.until !== Number.POSITIVE_INFINITY;
      return createEventStream(noteEnding(parts, wasMoved, (end) => observer.closed(policy.field, end)));
    },
  };

  /**
   * Where an event is completed by other subgraphs, or shows different things to different people, it is so for each
   * principal apart, even if the whole tenant shares the stream.
   */
  function keysOf({ prepared, variables, context, policy, fetched, bound }: Keyed, before: Scope | undefined) {
    const isAlone = !isShared || policy.sharedBy === 'nobody';
    const scope = isAlone ? (before ?? aloneScope()) : scopeOf(context, policy);
    const isSame = fetched.isWhole && !engine.isGuarded(prepared);
    const answersScope = isSame ? scope : principalScope(context);
    const plan = [hub.numberOf(prepared), hub.numberOf(fetched.variant)];
    return {
      scope,
      key: upstreamKey(fetched, scope, bound?.source),
      answers: answersKey(plan, variables, answersScope),
    };
  }
}
