import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import { z } from 'zod';

export interface InvalidationFeedOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  /** Told of each invalidation, wherever it happened. */
  readonly onInvalidated: (tags: readonly string[], stamp: number) => void;
  /** Told when invalidations may have been missed. */
  readonly onMissed: () => void;
  /** Default 500 ms. */
  readonly beatIntervalMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** News of invalidations between gateways. */
export interface InvalidationFeed {
  /** Whether what happens elsewhere is heard of here; only then is the memory of this process to be believed. */
  isLive(): boolean;
  /** @throws AppError `OVERLOADED` where the others could not be told */
  announce(tags: readonly string[], stamp: number): Promise<void>;
  close(): Promise<void>;
}

const channel = 'gateway.cache';
const messageSchema = z.union([
  z.object({ tags: z.array(z.string()), stamp: z.number() }),
  z.object({ beat: z.literal(true) }),
]);
/** So many beats may be lost before silence counts as deafness. */
const patience = 4;

/**
 * Listens to invalidations. A connection that is lost says nothing, so each gateway sends a beat twice a second on the very
 * channel that it listens to: who hears nothing, not even that, does not trust its memory any more.
 */
export function createInvalidationFeed(options: InvalidationFeedOptions): InvalidationFeed {
  const { pubSub, logger, onInvalidated, onMissed, beatIntervalMs = 500 } = options;
  const now = options.now ?? ((): number => performance.now());
  const closing = new AbortController();
  const maxSilenceMs = patience * beatIntervalMs;
  let heardAtMs = Number.NEGATIVE_INFINITY;

  const isLive = (): boolean => now() - heardAtMs <= maxSilenceMs;
  const miss = (): void => {
    heardAtMs = Number.NEGATIVE_INFINITY;
    onMissed();
  };
  const listen = (): PubSubSubscription => pubSub.subscribe(channel, { maxBufferedMessages: 10_000, onGap: miss });
  let subscription = listen();

  const follow = async (): Promise<void> => {
    for await (const message of subscription) {
      const parsed = messageSchema.safeParse(message);
      if (!parsed.success) {
        logger.error({ err: parsed.error }, 'a message about invalidations cannot be read');
        miss();
        continue;
      }
      if (!isLive()) onMissed();
      heardAtMs = now();
      if ('tags' in parsed.data) onInvalidated(parsed.data.tags, parsed.data.stamp);
    }
  };
  const followForever = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      // Nobody waits for it: until the first message is heard, nothing is believed.
      subscription.ready.catch(() => undefined);
      await follow().catch((error: unknown) =>
        logger.error({ err: error }, 'listening to invalidations was interrupted'),
      );
      miss();
      if (closing.signal.aborted) return;
      await wait(beatIntervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
      await subscription.close();
      subscription = listen();
    }
  };
  const beat = (): void => void pubSub.publish(channel, { beat: true }).catch(() => undefined);
  const beating = setInterval(beat, beatIntervalMs);
  beating.unref();
  const following = followForever();

  return {
    isLive,
    async announce(tags, stamp) {
      try {
        await pubSub.publish(channel, { tags: [...tags], stamp });
      } catch (error) {
        throw new AppError('OVERLOADED', 'The other gateways could not be told of an invalidation', { cause: error });
      }
    },
    async close() {
      closing.abort();
      clearInterval(beating);
      await subscription.close();
      await following;
    },
  };
}
