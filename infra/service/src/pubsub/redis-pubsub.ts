import type { Redis } from 'ioredis';
import { withDeadline } from '../deadline/index.js';
import { AppError } from '../errors/index.js';
import type { JsonValue } from '../json/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { RotatingConnection } from '../redis/index.js';
import { Channel, type Listener } from './channel.js';
import { MessageQueue } from './message-queue.js';
import type { PubSub, PubSubSubscription, SubscribeOptions } from './pubsub.js';
import { createSubscription } from './subscription.js';

export interface RedisPubSubOptions {
  readonly url: string;
  /** Put before every channel's name; keeps several installations on one Redis apart. */
  readonly channelPrefix: string;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
}

const subscribeTimeoutMs = 5_000;

/**
 * Creates a {@link PubSub} over Redis on two connections, because one that subscribes cannot publish. Any number of
 * subscriptions to a channel cost one `SUBSCRIBE`. It says when its connection is lost, subscribes again, and announces the gap.
 */
export function createRedisPubSub({ url, channelPrefix, logger, lifecycle }: RedisPubSubOptions): PubSub {
  const channels = new Map<string, Channel>();
  const publisher = new RotatingConnection({ url, name: 'publisher', logger, lifecycle });
  let wasConnected = false;

  const connection = new RotatingConnection({
    url,
    name: 'subscriber',
    logger,
    lifecycle,
    async onConnected(redis: Redis): Promise<void> {
      const wanted = [...channels];
      if (wanted.length > 0) await redis.subscribe(...wanted.map(([name]) => name));
      for (const [, channel] of wanted) {
        channel.confirm();
        if (wasConnected) channel.announceGap();
      }
      wasConnected = true;
    },
    onLost(): void {
      for (const channel of channels.values()) channel.announceLoss();
    },
    onMessage(name: string, text: string): void {
      try {
        channels.get(name)?.deliver(JSON.parse(text) as JsonValue);
      } catch (error) {
        logger.error({ err: error, channel: name }, 'message on a channel is not JSON');
      }
    },
  });

  const join = (name: string, listener: Listener): Channel => {
    const known = channels.get(name);
    const channel = known ?? new Channel();
    channel.listeners.add(listener);
    if (known === undefined) {
      channels.set(name, channel);
      // When there is no connection now, the next one subscribes to everything that is in the map.
      connection.ready?.subscribe(name).then(
        () => channel.confirm(),
        () => connection.reset(),
      );
    }
    return channel;
  };

  const leave = async (name: string, channel: Channel, listener: Listener): Promise<void> => {
    channel.listeners.delete(listener);
    if (channel.listeners.size > 0 || channels.get(name) !== channel) return;
    channels.delete(name);
    await connection.ready?.unsubscribe(name).catch(() => connection.reset());
  };

  return {
    async publish(channel: string, message: JsonValue): Promise<void> {
      const redis = publisher.ready;
      if (redis === undefined) throw new AppError('OVERLOADED', 'Message was not published: Redis is not connected');
      try {
        await redis.publish(`${channelPrefix}${channel}`, JSON.stringify(message));
      } catch (error) {
        throw new AppError('OVERLOADED', 'Message was not published', { cause: error });
      }
    },
    subscribe(
      channel: string,
      { maxBufferedMessages = 1_000, onGap, onLost }: SubscribeOptions = {},
    ): PubSubSubscription {
      const name = `${channelPrefix}${channel}`;
      const listener: Listener = { queue: new MessageQueue(maxBufferedMessages), onGap, onLost };
      const joined = join(name, listener);
      return createSubscription({
        queue: listener.queue,
        ready: withDeadline(joined.confirmed, subscribeTimeoutMs, 'Subscribing'),
        leave: () => leave(name, joined, listener),
      });
    },
  };
}
