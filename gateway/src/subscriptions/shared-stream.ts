import type { RequestContext } from '../context.js';
import { AnswerGroup, type AnswerGroupOptions } from './answer-group.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';
import type { Upstream, UpstreamItem, UpstreamSink } from './upstream.js';

export interface SharedStreamOptions {
  /** Opens the stream at its subgraph. */
  readonly open: (stream: SharedStream) => Upstream;
  readonly observer: StreamObserver;
  /** Nobody can join any more. */
  readonly onOver: () => void;
}

/** One stream of a subgraph, and all who listen to it. It ends with the last of them. */
export class SharedStream implements UpstreamSink {
  readonly #groups = new Map<string, AnswerGroup>();
  readonly #options: SharedStreamOptions;
  #context: RequestContext;
  #upstream: Upstream | undefined;
  #isOver = false;

  constructor(context: RequestContext, options: SharedStreamOptions) {
    this.#context = context;
    this.#options = options;
    options.observer.upstreamOpened();
    this.#upstream = options.open(this);
  }

  /** On whose behalf it is held open: somebody who listens. */
  get context(): RequestContext {
    const [group] = this.#groups.values();
    return (this.#context = group?.context ?? this.#context);
  }

  /**
   * Adds a subscriber.
   *
   * @param answers equal for those who get the same answers
   * @returns takes it out again
   */
  join(answers: string, subscriber: Subscriber, options: AnswerGroupOptions): () => void {
    const found = this.#groups.get(answers);
    const group = found === undefined || found.isOver ? new AnswerGroup(subscriber.context, options) : found;
    this.#groups.set(answers, group);
    group.add(subscriber);
    return () => {
      if (group.remove(subscriber) || this.#groups.get(answers) !== group) return;
      this.#groups.delete(answers);
      if (this.#groups.size === 0) this.#close();
    };
  }

  push(item: UpstreamItem): void {
    this.#options.observer.received();
    for (const group of this.#groups.values()) group.push(item);
  }

  finish(failure?: { readonly error: unknown }): void {
    this.#end();
    for (const group of this.#groups.values()) group.finish(failure);
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
