import type { RequestContext } from '../context.js';
import type { Engine } from '../execution/engine.js';
import type { PreparedOperation, SubscriptionFetch } from '../execution/prepared-operation.js';
import type { Beginning } from '../transport/last-event-id.js';
import type { AnswerStream } from '../transport/operation-handler.js';
import type { CompleteEvent, GroupStream } from './group-stream.js';
import { ClientSubscription, type ListeningTerms } from './client-subscription.js';
import { createDeliveryPolicies, type DeliveryPolicy, type OperationDelivery } from './delivery-policy.js';
import type { EventQueueOptions } from './event-queue.js';
import type { BoundSubscription, EventSources } from './events/event-sources.js';
import type { SharedAnswer } from './shared-answer.js';
import { aloneScope, answersKey, principalScope, scopeOf, upstreamKey, type Scope } from './sharing-key.js';
import type { StreamHub } from './stream-hub.js';
import type { StreamObserver } from './stream-observer.js';

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

/** What decides with whom a subscriber shares. */
interface Asked {
  readonly prepared: PreparedOperation;
  readonly variables: Variables;
  readonly context: RequestContext;
  readonly policy: DeliveryPolicy;
  readonly fetched: SubscriptionFetch;
}

const fromNowOn: Beginning = { after: undefined, isTold: false };

/** Creates the room of streams over one engine. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const { engine, hub, sources, observer, isShared } = options;
  const policyOf = createDeliveryPolicies(engine.supergraph);
  const queueOf = (keepsLatest: boolean): EventQueueOptions<SharedAnswer> => ({
    maxItems: options.maxBufferedEvents,
    maxBytes: options.maxBufferedBytes,
    keepsLatest,
    onReplaced: () => observer.replaced(1),
    onTaken({ publishedAtMs }) {
      if (publishedAtMs !== undefined) observer.taken(performance.now() - publishedAtMs);
    },
  });
  const [latestQueue, wholeQueue] = [queueOf(true), queueOf(false)];

  /** The same for all who listen to one field by one policy. */
  const knownTerms = new Map<string, ListeningTerms>();
  const termsOf = ({ field }: OperationDelivery, keepsLatest: boolean): ListeningTerms => {
    const key = `${field} ${keepsLatest}`;
    const terms = knownTerms.get(key) ?? { field, observer, queue: keepsLatest ? latestQueue : wholeQueue };
    knownTerms.set(key, terms);
    return terms;
  };

  return {
    open(prepared, variables, context, beginning = fromNowOn) {
      const fetch = engine.subscriptionFetch(prepared, variables, context);
      const policy = policyOf(prepared);
      const keepsLatest = policy.whenBehind === 'latest';
      const wantsBeginning = beginning.isTold && !keepsLatest;
      const subscription = new ClientSubscription(context, termsOf(policy, keepsLatest), wantsBeginning);
      fetch
        .then((fetched) => join(subscription, { prepared, variables, context, policy, fetched }, beginning.after))
        .catch((error: unknown) => {
          takeOver(context, undefined);
          subscription.queue.cut(error);
        });
      return subscription;
    },
  };

  /** Joins those who get the same, be it behind who was attached before. */
  function join(subscription: ClientSubscription, asked: Asked, beginsAfter: string | undefined): void {
    if (subscription.isStopped) return;
    const { prepared, variables, context, fetched } = asked;
    const keepsLatest = asked.policy.whenBehind === 'latest';
    const before = attachedIn(context);
    const left = before?.group;
    // What has ended by itself meanwhile does not go on.
    if (before !== undefined && (left === undefined || left.isOver)) return subscription.queue.finish();
    const bound = sources.bind(fetched, context);
    const { aloneIn, key, answers } = keysOf(asked, bound, before?.aloneIn);
    let after = keepsLatest ? undefined : beginsAfter;
    let stream: GroupStream;
    if (before !== undefined && left !== undefined) {
      subscription.wantsBeginning = before.wantsBeginning;
      after = left.stream.lastEventId;
    }
    if (left?.stream.key === key && !left.stream.isOver) {
      ({ stream } = left);
      after = undefined;
      subscription.after = stream.lastOrder;
    } else stream = hub.take({ key, fetch: fetched, source: bound?.source, context, keepsLatest, after });
    const complete: CompleteEvent = async (event, during) => {
      const received = bound === undefined ? event : await bound.receive(event, during);
      return engine.executeEvent(prepared, received, variables, during);
    };
    stream.join(answers, subscription, { ...options, keepsLatest, complete }, after);
    subscription.aloneIn = aloneIn;
    takeOver(context, subscription);
  }

  /**
   * Where an event is completed by other subgraphs, or shows different things to different people, it is so for each
   * principal apart, even if the whole tenant shares the stream.
   */
  function keysOf(asked: Asked, bound: BoundSubscription | undefined, before: Scope | undefined) {
    const { prepared, variables, context, policy, fetched } = asked;
    const isAlone = !isShared || policy.sharedBy === 'nobody';
    const aloneIn = isAlone ? (before ?? aloneScope()) : undefined;
    const scope = aloneIn ?? scopeOf(context, policy);
    const isSame = fetched.isWhole && !engine.isGuarded(prepared);
    const answersScope = isSame ? scope : principalScope(context);
    const plan = [hub.numberOf(prepared), hub.numberOf(fetched.variant)];
    return {
      aloneIn,
      key: upstreamKey(fetched, scope, bound?.source),
      answers: answersKey(plan, variables, answersScope),
    };
  }
}

function attachedIn({ attachment }: RequestContext): ClientSubscription | undefined {
  return attachment?.current as ClientSubscription | undefined;
}

/** From here on nothing comes to who was attached before. */
function takeOver({ attachment }: RequestContext, next: ClientSubscription | undefined): void {
  if (attachment === undefined) return;
  const before = attachment.current;
  attachment.current = next;
  if (before === undefined) return;
  attachment.moves += 1;
  before.release();
}
