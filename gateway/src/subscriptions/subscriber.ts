import type { RequestContext } from '../context.js';
import type { EventQueue } from './event-queue.js';
import type { SharedAnswer } from './shared-answer.js';

/** One client's subscription: who it is for, and what waits for it. */
export interface Subscriber {
  readonly context: RequestContext;
  readonly queue: EventQueue<SharedAnswer>;
}
