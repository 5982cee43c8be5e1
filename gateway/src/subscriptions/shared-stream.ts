import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import { AnswerGroup } from './answer-group.js';
import type { AnswerGroupOptions, GroupStream } from './group-stream.js';
import { KeyedLists } from './keyed-lists.js';
import { RecentItems } from './recent-items.js';
import { eventIdOf, isBeginning, publicationOf, type StreamItem } from './stream-item.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';
import type { Upstream, UpstreamItem, UpstreamSink } from './upstream.js';

/** What a shared stream is made from. */
export interface SharedStreamOptions {
  /** Equal for what one stream can serve. */
  readonly key: string;
  /** After which event it begins; from now on without one. */
  readonly after: string | undefined;
  /** Where only the latest event counts, ids are of no use. */
  readonly keepsLatest: boolean;
  /** Events that are remembered for who comes back. */
  readonly maxRecentEvents: number;
  /** Opens the stream at its subgraph. */
  readonly open: (stream: SharedStream) => Upstream;
  /** The next number, greater than all before. */
  readonly nextOrder: () => number;
  readonly observer: StreamObserver;
  /** Nobody can join any more. */
  readonly onOver: () => void;
  /** It may have come to where another stream is. */
  readonly onMoved: () => void;
}

/** For how long after a stream has begun behind a past event it may bring more at once than can be kept. */
const catchUpMs = 30_000;

/** One stream of a subgraph, and all who listen to it. It ends with the last of them. */
export class SharedStream implements UpstreamSink, GroupStream {
  readonly key: string;
  /** Whether it began in the past: it may be behind others. */
  readonly isResumed: boolean;
  /** Of one key there are several only while some are not yet where the others are. */
  readonly #groups = new KeyedLists<AnswerGroup>();
  readonly #options: SharedStreamOptions;
  readonly #recent: RecentItems;
  #context: RequestContext;
  #upstream: Upstream | undefined;
  #lastEventId: string | undefined;
  #lastOrder = 0;
  #mayFollowGap = false;
  /** Milliseconds since the epoch. */
  readonly #openedAtMs = Date.now();
  #isOver = false;
  /** Of `performance.now()`. */
  #catchesUpUntilMs = 0;
  /** What was missed is more than can be kept: the rest is asked for when this is handed out. */
  #isPaused = false;

  constructor(context: RequestContext, options: SharedStreamOptions) {
    this.#context = context;
    this.#options = options;
    this.key = options.key;
    this.isResumed = options.after !== undefined;
    this.#lastEventId = options.after;
    this.#recent = new RecentItems(options.after, options.maxRecentEvents);
    options.observer.upstreamOpened();
    if (this.isResumed) this.#catchUp();
    this.#upstream = options.open(this);
  }

  /** On whose behalf it is held open: somebody who listens. */
  get context(): RequestContext {
    return (this.#context = this.#groups.first?.context ?? this.#context);
  }

  get lastEventId(): string | undefined {
    return this.#lastEventId;
  }

  get lastOrder(): number {
    return this.#lastOrder;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isCatchingUp(): boolean {
    return performance.now() < this.#catchesUpUntilMs;
  }

  get isIdle(): boolean {
    for (const group of this.#groups) if (!group.isIdle) return false;
    return true;
  }

  /** Whether who was at this event can go on from here. */
  knows(eventId: string): boolean {
    return eventId === this.#lastEventId || this.#recent.has(eventId);
  }

  join(answers: string, subscriber: Subscriber, options: AnswerGroupOptions, after?: string): void {
    const found = this.#find(answers, ({ lastEventId }) => after === undefined || lastEventId === after);
    if (found !== undefined) return found.add(subscriber);
    const group = new AnswerGroup(answers, this, subscriber.context, after ?? this.#lastEventId, options);
    this.#groups.add(group);
    group.add(subscriber);
    if (after !== undefined) this.#repeat(group, after);
  }

  push(item: UpstreamItem): void {
    if (this.#isPaused) return;
    const eventId = item.kind === 'event' && !this.#options.keepsLatest ? eventIdOf(item.event) : undefined;
    if (item.kind === 'event' && isBeginning(item.event)) {
      if (eventIdOf(item.event) !== undefined) return this.#begin(eventId);
    }
    // A subgraph that begins again too early says some things twice.
    if (eventId !== undefined && this.knows(eventId)) return;
    if (eventId !== undefined && this.isCatchingUp && this.#isFull()) return this.#pause();
    const { observer, nextOrder, onMoved } = this.#options;
    observer.received();
    const streamItem: StreamItem = {
      item,
      order: (this.#lastOrder = nextOrder()),
      eventId,
      mayFollowGap: this.#mayFollowGap && eventId === undefined,
      publishedAtMs: item.kind === 'event' ? this.#publishedAt(item.event) : undefined,
    };
    this.#mayFollowGap = false;
    if (eventId !== undefined && item.kind === 'event') {
      this.#lastEventId = eventId;
      this.#recent.add(streamItem, sizeOf(item.event));
    }
    for (const group of this.#groups) group.push(streamItem);
    if (eventId !== undefined) onMoved();
  }

  /** The stream was lost, and is open again: behind the last event where that has an id. */
  reopened(): void {
    const { keepsLatest, observer } = this.#options;
    observer.upstreamReopened();
    this.#mayFollowGap = this.#lastEventId === undefined && !keepsLatest;
    if (this.#lastEventId !== undefined) this.#catchUp();
  }

  finish(failure?: { readonly error: unknown }): void {
    this.#end();
    for (const group of this.#groups) group.finish(failure);
  }

  /** Takes over all who listen to a stream that has come to where this one has been. */
  adopt(other: SharedStream): void {
    const after = other.lastEventId;
    const groups = [...other.#groups];
    other.#groups.clear();
    other.#close();
    for (const group of groups) {
      group.moveTo(this);
      this.#groups.add(group);
      if (after !== undefined) this.#repeat(group, after);
    }
    for (const group of groups) if (group.isIdle) this.idle(group);
  }

  idle(group: AnswerGroup): void {
    const { key, lastEventId } = group;
    const isThere = (other: AnswerGroup): boolean => other !== group && other.lastEventId === lastEventId;
    const other = lastEventId === undefined ? undefined : this.#find(key, isThere);
    if (other !== undefined) {
      other.merge(group);
      this.#groups.delete(group);
    }
    if (this.isResumed) this.#options.onMoved();
    this.#goOn();
  }

  left(group: AnswerGroup): void {
    this.#groups.delete(group);
    if (this.#groups.isEmpty) this.#close();
    else this.#goOn();
  }

  #isFull(): boolean {
    for (const group of this.#groups) if (group.isFull) return true;
    return false;
  }

  #catchUp(): void {
    this.#catchesUpUntilMs = performance.now() + catchUpMs;
  }

  #pause(): void {
    this.#isPaused = true;
    this.#upstream?.close();
  }

  /** Behind the last event that was taken, once all have it. */
  #goOn(): void {
    if (!this.#isPaused || this.#isOver || !this.isIdle) return;
    this.#isPaused = false;
    this.#catchUp();
    this.#upstream = this.#options.open(this);
  }

  /** Hands a group what it missed: how old that is says only for how long its subscribers were away. */
  #repeat(group: AnswerGroup, after: string): void {
    for (const item of this.#recent.after(after)) group.push({ ...item, publishedAtMs: undefined });
  }

  #publishedAt(event: FormattedExecutionResult): number | undefined {
    const publishedAtMs = publicationOf(event) ?? Date.now();
    if (publishedAtMs < this.#openedAtMs) return undefined;
    return performance.now() - Math.max(0, Date.now() - publishedAtMs);
  }

  /** A group of this key that more may come to. */
  #find(key: string, predicate: (group: AnswerGroup) => boolean): AnswerGroup | undefined {
    return this.#groups.of(key).find((group) => !group.isOver && predicate(group));
  }

  #begin(eventId: string | undefined): void {
    if (eventId === undefined || this.#lastEventId !== undefined) return;
    this.#lastEventId = eventId;
    this.#recent.begin(eventId);
    for (const group of this.#groups) group.begin(eventId);
    this.#options.onMoved();
  }

  #close(): void {
    this.#end();
    this.#upstream?.close();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onOver();
    this.#options.observer.upstreamClosed();
  }
}

/** About as many bytes as an event takes. */
function sizeOf(event: FormattedExecutionResult): number {
  return JSON.stringify(event).length;
}
