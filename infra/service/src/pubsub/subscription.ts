import type { MessageQueue } from './message-queue.js';
import type { PubSubSubscription } from './pubsub.js';

interface SubscriptionParts {
  readonly queue: MessageQueue;
  readonly ready: Promise<void>;
  /** Takes the queue off its channel; called once. */
  readonly leave: () => unknown;
}

/** Wraps a queue as what the caller iterates. */
export function createSubscription({ queue, ready, leave }: SubscriptionParts): PubSubSubscription {
  // Nobody has to await readiness; without this an unheeded rejection would end the process.
  ready.catch(() => undefined);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    queue.close();
    closing ??= Promise.resolve(leave()).then(() => undefined);
    return closing;
  };
  return {
    ready,
    close,
    async next() {
      try {
        return await queue.next();
      } catch (error) {
        await close();
        throw error;
      }
    },
    async return() {
      await close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
