import { setTimeout as wait } from 'node:timers/promises';
import { accessTokenLifetime, revocationChannel, revocationSchema } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';

export interface RevocationsOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  /** Called for every session that ends, so that its open sockets can be closed. */
  readonly onRevoked: (sessionId: string) => void;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** The sessions that ended while tokens of theirs may still be about. */
export interface Revocations {
  isRevoked(sessionId: string): boolean;
  close(): Promise<void>;
}

const resubscribeAfterMs = 500;

/** Listens to revocations and remembers each for as long as a token can live. */
export async function createRevocations({
  pubSub,
  logger,
  onRevoked,
  now = Date.now,
}: RevocationsOptions): Promise<Revocations> {
  /** Session -> when its last token has expired. Insertion order is order of time, so the oldest stand first. */
  const revoked = new Map<string, number>();
  const closing = new AbortController();
  const listen = (): PubSubSubscription =>
    pubSub.subscribe(revocationChannel, {
      onGap: () =>
        logger.warn('revocations of the last moments may have been missed: their tokens live until they expire'),
    });
  let subscription = listen();

  const revoke = (sessionId: string): void => {
    for (const [oldest, expiresAtMs] of revoked) {
      if (expiresAtMs > now()) break;
      revoked.delete(oldest);
    }
    revoked.delete(sessionId);
    revoked.set(sessionId, now() + accessTokenLifetime * 1_000);
    onRevoked(sessionId);
  };
  const follow = async (messages: PubSubSubscription): Promise<void> => {
    for await (const message of messages) {
      const parsed = revocationSchema.safeParse(message);
      if (parsed.success) parsed.data.sessionIds.forEach(revoke);
      else logger.error({ err: parsed.error }, 'a message about revoked sessions cannot be read');
    }
  };
  const followForever = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await follow(subscription);
      } catch (error) {
        logger.error({ err: error }, 'listening to revoked sessions was interrupted');
      }
      if (closing.signal.aborted) return;
      await wait(resubscribeAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      subscription = listen();
    }
  };
  const following = followForever();
  await subscription.ready.catch((error: unknown) => {
    logger.error({ err: error }, 'revoked sessions are not heard of yet');
  });

  return {
    isRevoked(sessionId) {
      const expiresAtMs = revoked.get(sessionId);
      return expiresAtMs !== undefined && expiresAtMs > now();
    },
    async close() {
      closing.abort();
      await subscription.close();
      await following;
    },
  };
}
