import type { RequestContext } from '../context.js';
import type { AnswerGroup } from './answer-group.js';
import type { EventQueue } from './event-queue.js';
import type { SharedAnswer } from './shared-answer.js';

/** One client's subscription: who it is for, and what waits for it. */
export interface Subscriber {
  readonly context: RequestContext;
  readonly queue: EventQueue<SharedAnswer>;
  /** Whether it is to be told where it begins, and has not been yet. */
  wantsBeginning: boolean;
  /** It gets what came after this order: what was before, it has had elsewhere. */
  after: number;
  /** It gets nothing beyond this order: that comes from elsewhere. */
  until: number;
  /** With whom it shares its answers; there while it listens. */
  group: AnswerGroup | undefined;
}
