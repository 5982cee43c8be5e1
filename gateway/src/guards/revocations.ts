import { setTimeout as wait } from 'node:timers/promises';
import { accessTokenLifetime, revocationChannel, revocationSchema } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import type { LoadEndedSessions } from './ended-sessions.js';

export interface RevocationsOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  /** Called for every session that ends, so that its open sockets can be closed. */
  readonly onRevoked: (sessionId: string) => void;
  /** Tells what ended while nobody listened here: before the start, or while the connection was lost. */
  readonly loadEnded?: LoadEndedSessions;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** The sessions that ended while tokens of theirs may still be about. */
export interface Revocations {
  isRevoked(sessionId: string): boolean;
  close(): Promise<void>;
}

const retryAfterMs = 500;

/**
 * Listens to revocations and remembers each for as long as a token can live. What cannot be asked for at the start is
 * asked for again until it is known; meanwhile the keys of tokens, which come from the same place, are not known either.
 */
export async function createRevocations({
  pubSub,
  logger,
  onRevoked,
  loadEnded,
  now = Date.now,
}: RevocationsOptions): Promise<Revocations> {
  /** Session -> when its last token has expired. Insertion order is order of time, so the oldest stand first. */
  const revoked = new Map<string, number>();
  const closing = new AbortController();
  const listen = (): PubSubSubscription =>
    pubSub.subscribe(revocationChannel, {
      onGap: () => {
        logger.warn('revocations of the last moments may have been missed');
        catchUp();
      },
    });
  let catchingUp: Promise<void> | undefined;
  let mustCatchUpAgain = false;

  const revoke = (sessionId: string): void => {
    for (const [oldest, expiresAtMs] of revoked) {
      if (expiresAtMs > now()) break;
      revoked.delete(oldest);
    }
    revoked.delete(sessionId);
    revoked.set(sessionId, now() + accessTokenLifetime * 1_000);
    onRevoked(sessionId);
  };
  const loadOnce = async (): Promise<void> => {
    try {
      const ended = (await loadEnded?.()) ?? [];
      ended.filter((sessionId) => !revoked.has(sessionId)).forEach(revoke);
    } catch (error) {
      mustCatchUpAgain = true;
      logger.warn({ err: error }, 'ended sessions cannot be asked for now');
    }
  };
  const loadUntilKnown = async (): Promise<void> => {
    while (mustCatchUpAgain && !closing.signal.aborted) {
      mustCatchUpAgain = false;
      await loadOnce();
      if (mustCatchUpAgain) await wait(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    catchingUp = undefined;
  };
  const catchUp = (): void => {
    mustCatchUpAgain = true;
    catchingUp ??= loadUntilKnown();
  };
  let subscription = listen();
  const follow = async (messages: PubSubSubscription): Promise<void> => {
    for await (const message of messages) {
      const parsed = revocationSchema.safeParse(message);
      if (parsed.success) parsed.data.sessionIds.forEach(revoke);
      else logger.error({ err: parsed.error }, 'a message about revoked sessions cannot be read');
    }
  };
  /** What does not begin to listen is given up, so that the next one may, and catches up when it does. */
  const heard = async (messages: PubSubSubscription): Promise<void> => {
    try {
      await messages.ready;
    } catch (error) {
      logger.error({ err: error }, 'revoked sessions are not heard of yet');
      await messages.close();
      throw error;
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
      await wait(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      subscription = listen();
      void heard(subscription).then(catchUp, () => undefined);
    }
  };
  const following = followForever();
  await heard(subscription).catch(() => undefined);
  // Only now: what ends from here on is heard. The first answer is worth waiting for, later ones come beside requests.
  await loadOnce();
  if (mustCatchUpAgain) catchUp();

  return {
    isRevoked(sessionId) {
      const expiresAtMs = revoked.get(sessionId);
      return expiresAtMs !== undefined && expiresAtMs > now();
    },
    async close() {
      closing.abort();
      await subscription.close();
      await Promise.all([following, catchingUp]);
    },
  };
}
