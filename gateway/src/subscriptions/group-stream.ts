import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import type { AnswerGroup } from './answer-group.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';

/** Completes what a subgraph sent with what other subgraphs know, on behalf of a caller. */
export type CompleteEvent = (
  event: FormattedExecutionResult,
  context: RequestContext,
) => Promise<FormattedExecutionResult>;

/** How a group completes events and hands them out. */
export interface AnswerGroupOptions {
  readonly complete: CompleteEvent;
  readonly eventTimeoutMs: number;
  /** Events that wait to be completed. */
  readonly maxBufferedEvents: number;
  /** Where there are more, or some subscriber is late, only the latest counts. */
  readonly keepsLatest: boolean;
  readonly observer: StreamObserver;
}

/** The stream that a group belongs to. */
export interface GroupStream {
  /** Equal for what one stream can serve. */
  readonly key: string;
  readonly isOver: boolean;
  /** Whether it may bring at once what was missed for long: who listens is waited for then. */
  readonly isCatchingUp: boolean;
  /** The last event that came, or after which the stream began; undefined where its subgraph has told none. */
  readonly lastEventId: string | undefined;
  /** Of the last event that came. */
  readonly lastOrder: number;
  /**
   * Adds a subscriber.
   *
   * @param answers equal for those who get the same answers
   * @param after an event that the stream knows, behind which the subscriber goes on; without one, it gets what comes
   */
  join(answers: string, subscriber: Subscriber, options: AnswerGroupOptions, after?: string): void;
  /** The group has handed out everything that came. */
  idle(group: AnswerGroup): void;
  /** Nobody is left in the group. */
  left(group: AnswerGroup): void;
}
