import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import { runWithDeadline } from '../transport/deadline.js';
import { OperationRefusal } from '../transport/operation-refusal.js';
import { SharedAnswer } from './shared-answer.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';
import type { UpstreamItem } from './upstream.js';

/** Completes what a subgraph sent with what other subgraphs know, on behalf of a caller. */
export type CompleteEvent = (
  event: FormattedExecutionResult,
  context: RequestContext,
) => Promise<FormattedExecutionResult>;

export interface AnswerGroupOptions {
  readonly complete: CompleteEvent;
  readonly eventTimeoutMs: number;
  /** Events that wait to be completed. */
  readonly maxBufferedEvents: number;
  /** Where there are more, or some subscriber is late, only the latest counts. */
  readonly keepsLatest: boolean;
  readonly observer: StreamObserver;
}

type Completed = { readonly answer: SharedAnswer } | { readonly error: unknown };

/** Events that are completed at the same time; they are handed out in their order all the same. */
const maxUnderWay = 16;

/** Subscribers that get an event before the others of the process have a turn. */
const subscribersPerTurn = 256;

/** Subscribers who get the same answers: each event is completed once, and written once, for all of them. */
export class AnswerGroup {
  readonly #options: AnswerGroupOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #waiting: UpstreamItem[] = [];
  readonly #underWay: Promise<Completed>[] = [];
  readonly #left = new AbortController();
  #context: RequestContext;
  #isRunning = false;
  #ending: { readonly error: unknown } | 'completed' | undefined;
  #latest: SharedAnswer | undefined;

  constructor(context: RequestContext, options: AnswerGroupOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** On whose behalf it asks: somebody who is there, and whose rights are everybody's here. */
  get context(): RequestContext {
    return this.#context;
  }

  /** Whether nothing more will come: whoever joins now needs another group. */
  get isOver(): boolean {
    return this.#ending !== undefined;
  }

  /** Who comes late to values of which the latest counts gets it at once, as if the stream had been opened for it. */
  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    if (this.#latest !== undefined) subscriber.queue.push(this.#latest);
  }

  /** @returns whether somebody is left */
  remove(subscriber: Subscriber): boolean {
    this.#subscribers.delete(subscriber);
    const [first] = this.#subscribers;
    if (first === undefined) this.#left.abort(new AppError('PRECONDITION_FAILED', 'All subscribers have left'));
    else this.#context = first.context;
    return first !== undefined;
  }

  push(item: UpstreamItem): void {
    if (this.#ending !== undefined) return;
    const { keepsLatest, maxBufferedEvents, observer } = this.#options;
    if (this.#waiting.length >= (keepsLatest ? 1 : maxBufferedEvents)) {
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
      this.#underWay.push(this.#complete(item));
    }
  }

  /** Hands out what is completed, in order. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let first = this.#underWay[0]; first !== undefined; first = this.#underWay[0]) {
      const completed = await first;
      this.#underWay.shift();
      this.#fill();
      if ('answer' in completed) await this.#deliver(completed.answer);
      else {
        this.#underWay.length = 0;
        this.#ending = completed;
        this.#waiting.length = 0;
      }
    }
    this.#isRunning = false;
    if (this.#ending === undefined) return;
    const failure = this.#ending === 'completed' ? undefined : this.#ending;
    for (const { queue } of this.#subscribers) queue.finish(failure);
  }

  async #complete(item: UpstreamItem): Promise<Completed> {
    const { complete, eventTimeoutMs } = this.#options;
    const event = item.kind === 'event' ? item.event : { data: null, errors: item.errors };
    try {
      const answer = await runWithDeadline(this.#left.signal, eventTimeoutMs, (signal) =>
        complete(event, { ...this.#context, signal }),
      );
      // The answer room has decided what of a subgraph's reasons may be seen.
      if (item.kind === 'refusal') return { error: new OperationRefusal(answer.errors ?? []) };
      return { answer: new SharedAnswer(answer) };
    } catch (error) {
      return { error };
    }
  }

  async #deliver(answer: SharedAnswer): Promise<void> {
    const { keepsLatest, observer } = this.#options;
    if (keepsLatest) this.#latest = answer;
    const subscribers = [...this.#subscribers];
    observer.delivered(subscribers.length);
    for (const [index, { queue }] of subscribers.entries()) {
      if (index > 0 && index % subscribersPerTurn === 0) await turn();
      queue.push(answer);
    }
  }
}
