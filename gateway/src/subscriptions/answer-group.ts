import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { RequestContext } from '../context.js';
import { runWithDeadline } from '../transport/deadline.js';
import { OperationRefusal } from '../transport/operation-refusal.js';
import type { AnswerGroupOptions, GroupStream } from './group-stream.js';
import { SharedAnswer } from './shared-answer.js';
import type { StreamItem } from './stream-item.js';
import type { Subscriber } from './subscriber.js';

type Completed = { readonly answer: SharedAnswer } | { readonly error: unknown };

/** Events that are completed at the same time; they are handed out in their order all the same. */
const maxUnderWay = 16;

/** Who takes nothing for so long while past events wait holds up others who come back, and is sent away. */
const roomTimeoutMs = 5_000;

/** Subscribers that get an event before the others of the process have a turn. */
const subscribersPerTurn = 256;

/** Subscribers who get the same answers: each event is completed once, and written once, for all of them. */
export class AnswerGroup {
  /** Equal for who gets the same answers. */
  readonly key: string;
  readonly #options: AnswerGroupOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #waiting: StreamItem[] = [];
  readonly #underWay: { readonly item: StreamItem; readonly completed: Promise<Completed> }[] = [];
  readonly #left = new AbortController();
  #stream: GroupStream;
  #context: RequestContext;
  #isRunning = false;
  #isReleasing = false;
  #ending: { readonly error: unknown } | 'completed' | undefined;
  #latest: SharedAnswer | undefined;
  #lastEventId: string | undefined;

  /** @param lastEventId what came before its first event, where that is known */
  constructor(
    key: string,
    stream: GroupStream,
    context: RequestContext,
    lastEventId: string | undefined,
    options: AnswerGroupOptions,
  ) {
    this.key = key;
    this.#stream = stream;
    this.#context = context;
    this.#lastEventId = lastEventId;
    this.#options = options;
  }

  /** Where its events come from now. */
  get stream(): GroupStream {
    return this.#stream;
  }

  /** On whose behalf it asks: somebody who is there, and whose rights are everybody's here. */
  get context(): RequestContext {
    return this.#context;
  }

  /** Whether nothing more will come: whoever joins now needs another group. */
  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return !this.#isRunning;
  }

  /** Whether there is no room for another event. */
  get isFull(): boolean {
    return this.#waiting.length >= this.#options.maxBufferedEvents;
  }

  /** The last event that was handed out, or where the stream began; undefined where that is not known. */
  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  /** Who comes late to values of which the latest counts gets it at once, as if the stream had been opened for it. */
  add(subscriber: Subscriber): void {
    this.#take(subscriber);
    const isNew = subscriber.after === 0;
    if (this.#latest !== undefined && isNew) subscriber.queue.push(this.#latest);
    if (this.#lastEventId !== undefined) tellBeginning(subscriber, this.#lastEventId);
  }

  /** Where the stream begins has become known. */
  begin(eventId: string): void {
    if (this.#lastEventId !== undefined) return;
    this.#lastEventId = eventId;
    for (const subscriber of this.#subscribers) tellBeginning(subscriber, eventId);
  }

  remove(subscriber: Subscriber): void {
    if (!this.#subscribers.delete(subscriber)) return;
    subscriber.group = undefined;
    const [first] = this.#subscribers;
    if (first !== undefined) {
      this.#context = first.context;
      return;
    }
    this.#left.abort(new AppError('PRECONDITION_FAILED', 'All subscribers have left'));
    this.#stream.left(this);
  }

  /** The subscriber gets what has come until now, and then its queue ends. */
  release(subscriber: Subscriber): void {
    subscriber.until = this.#stream.lastOrder;
    if (this.isIdle) this.#letGo(subscriber);
    else this.#isReleasing = true;
  }

  /** Takes over the subscribers of a group that is where this one is. */
  merge(other: AnswerGroup): void {
    for (const subscriber of other.#subscribers) {
      subscriber.after = 0;
      this.#take(subscriber);
    }
    other.#subscribers.clear();
    other.#ending = 'completed';
  }

  /** Another stream goes on with it, from where it is; nothing is under way. */
  moveTo(stream: GroupStream): void {
    this.#stream = stream;
    for (const subscriber of this.#subscribers) subscriber.after = 0;
  }

  push(item: StreamItem): void {
    if (this.#ending !== undefined) return;
    const { keepsLatest, observer } = this.#options;
    if (keepsLatest ? this.#waiting.length > 0 : this.isFull) {
      if (!keepsLatest) return this.#cut(new AppError('OVERLOADED', 'Events come faster than they can be completed'));
      this.#waiting.shift();
      observer.replaced(this.#subscribers.size);
    }
    this.#waiting.push(item);
    this.#fill();
    void this.#run();
  }

  /** No more events: those that came are still handed out. */
  finish(failure?: { readonly error: unknown }): void {
    this.#ending ??= failure ?? 'completed';
    void this.#run();
  }

  #cut(error: unknown): void {
    this.#waiting.length = 0;
    this.finish({ error });
  }

  #fill(): void {
    while (this.#underWay.length < Math.min(maxUnderWay, this.#options.maxBufferedEvents)) {
      const item = this.#waiting.shift();
      if (item === undefined) return;
      this.#underWay.push({ item, completed: this.#complete(item) });
    }
  }

  /** Hands out what is completed, in order. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let first = this.#underWay[0]; first !== undefined; first = this.#underWay[0]) {
      const completed = await first.completed;
      this.#underWay.shift();
      this.#fill();
      if ('answer' in completed) await this.#deliver(completed.answer, first.item);
      else {
        this.#underWay.length = 0;
        this.#ending = completed;
        this.#waiting.length = 0;
      }
    }
    this.#isRunning = false;
    if (this.#isReleasing) this.#letGoReleased();
    if (this.#ending === undefined) return this.#stream.idle(this);
    const failure = this.#ending === 'completed' ? undefined : this.#ending;
    for (const { queue } of this.#subscribers) queue.finish(failure);
  }

  #take(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    subscriber.group = this;
  }

  #letGoReleased(): void {
    this.#isReleasing = false;
    for (const subscriber of this.#subscribers) {
      if (subscriber.until !== Number.POSITIVE_INFINITY) this.#letGo(subscriber);
    }
  }

  #letGo(subscriber: Subscriber): void {
    this.remove(subscriber);
    subscriber.queue.finish();
  }

  async #complete(streamItem: StreamItem): Promise<Completed> {
    const { complete, eventTimeoutMs } = this.#options;
    const { item } = streamItem;
    const event = item.kind === 'event' ? item.event : { data: null, errors: item.errors };
    try {
      const answer = await runWithDeadline(this.#left.signal, eventTimeoutMs, (signal) =>
        complete(event, { ...this.#context, signal }),
      );
      // The answer room has decided what of a subgraph's reasons may be seen.
      if (item.kind === 'refusal') return { error: new OperationRefusal(answer.errors ?? []) };
      return { answer: new SharedAnswer(answer, streamItem) };
    } catch (error) {
      return { error };
    }
  }

  async #deliver(answer: SharedAnswer, { order, eventId }: StreamItem): Promise<void> {
    const { keepsLatest, observer } = this.#options;
    if (keepsLatest) this.#latest = answer;
    if (eventId !== undefined) this.#lastEventId = eventId;
    const subscribers = [...this.#subscribers];
    observer.delivered(subscribers.length);
    for (const [index, subscriber] of subscribers.entries()) {
      if (index > 0 && index % subscribersPerTurn === 0) await turn();
      const { after, until } = subscriber;
      if (order > after && order <= until) subscriber.queue.push(answer);
      if (order >= until) this.#letGo(subscriber);
    }
    if (!this.#stream.isCatchingUp) return;
    const filling = subscribers.filter(({ queue }) => queue.isFilling);
    if (filling.length > 0) await Promise.all(filling.map(({ queue }) => queue.untilRoom(roomTimeoutMs)));
  }
}

function tellBeginning(subscriber: Subscriber, eventId: string): void {
  if (!subscriber.wantsBeginning) return;
  subscriber.wantsBeginning = false;
  subscriber.queue.push(SharedAnswer.beginning(eventId));
}
