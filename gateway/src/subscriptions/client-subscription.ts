import type { Attached, RequestContext } from '../context.js';
import { EndingStream } from '../transport/ending-stream.js';
import type { StreamedAnswer } from '../transport/operation-handler.js';
import type { Ended, Failure, Take } from '../transport/pour-stream.js';
import type { AnswerGroup } from './answer-group.js';
import { EventQueue, type EventQueueOptions, type EventQueueOwner } from './event-queue.js';
import type { SharedAnswer } from './shared-answer.js';
import type { Scope } from './sharing-key.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';
import { endingOf } from './subscription-end.js';

/** What is the same for all who listen to a field. */
export interface ListeningTerms {
  readonly field: string;
  readonly queue: EventQueueOptions<SharedAnswer>;
  readonly observer: StreamObserver;
}

/**
 * One client's subscription, from the queue of its answers to the stream that its transport reads; those who take over from it see
 * it as what is attached.
 */
export class ClientSubscription extends EndingStream<StreamedAnswer> implements Subscriber, Attached, EventQueueOwner {
  readonly context: RequestContext;
  readonly queue: EventQueue<SharedAnswer>;
  wantsBeginning: boolean;
  after = 0;
  until = Number.POSITIVE_INFINITY;
  group: AnswerGroup | undefined;
  /** There where it shares with nobody: who takes over from it goes on with what was its own. */
  aloneIn: Scope | undefined;
  readonly #terms: ListeningTerms;
  readonly #cut: () => void;
  #isStopped = false;

  /** @param wantsBeginning whether it is to be told where it begins */
  constructor(context: RequestContext, terms: ListeningTerms, wantsBeginning: boolean) {
    super();
    this.context = context;
    this.queue = new EventQueue(terms.queue, this);
    this.wantsBeginning = wantsBeginning;
    this.#terms = terms;
    this.#cut = () => this.queue.cut(this.context.signal.reason);
    if (context.signal.aborted) this.#cut();
    context.signal.addEventListener('abort', this.#cut, { once: true });
    terms.observer.opened(terms.field);
  }

  /** Whether it listens no more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  release(): void {
    this.group?.release(this);
  }

  fellBehind(): void {
    this.#terms.observer.fellBehind();
    this.#stop();
    this.context.onFallenBehind?.();
  }

  protected override pull(): Promise<IteratorResult<StreamedAnswer, void>> {
    return this.queue.next();
  }

  protected override pourOut(take: Take<StreamedAnswer>, ended: Ended): void {
    this.queue.pour(take, ended);
  }

  protected override close(failure: Failure | undefined): void {
    const { observer, field } = this.#terms;
    const wasMoved = this.until !== Number.POSITIVE_INFINITY;
    const end = endingOf({ failure, wasMoved, isComplete: this.queue.isOver });
    this.context.signal.removeEventListener('abort', this.#cut);
    this.queue.close();
    this.#stop();
    observer.closed(field, end);
  }

  #stop(): void {
    this.#isStopped = true;
    this.group?.remove(this);
  }
}
