import type { JsonValue } from '../json/index.js';
import { MessageQueue } from './message-queue.js';
import type { PubSub, PubSubSubscription, SubscribeOptions } from './pubsub.js';
import { createSubscription } from './subscription.js';

/**
 * Creates the hub that all services of one process share in local mode; it is itself the {@link PubSub} of each.
 * Messages are copied through JSON, so that no subscriber sees an object that a remote one would not.
 */
export function createInProcessPubSubHub(): PubSub {
  const channels = new Map<string, Set<MessageQueue>>();

  const leave = (channel: string, queue: MessageQueue): void => {
    const queues = channels.get(channel);
    queues?.delete(queue);
    if (queues?.size === 0) channels.delete(channel);
  };

  return {
    async publish(channel: string, message: JsonValue): Promise<void> {
      const text = JSON.stringify(message);
      for (const queue of channels.get(channel) ?? []) queue.push(JSON.parse(text) as JsonValue);
    },
    subscribe(channel: string, { maxBufferedMessages = 1_000 }: SubscribeOptions = {}): PubSubSubscription {
      const queue = new MessageQueue(maxBufferedMessages);
      const queues = channels.get(channel) ?? new Set();
      channels.set(channel, queues.add(queue));
      return createSubscription({ queue, ready: Promise.resolve(), leave: () => leave(channel, queue) });
    },
  };
}
