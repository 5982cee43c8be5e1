import { setTimeout as wait } from 'node:timers/promises';
import { accessTokenLifetime, revocationChannel, revocationSchema, type Revocation } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import type { LoadEndedSessions } from './ended-sessions.js';

export interface RevocationsOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  /** Called for every session that ends or gets other rights (`mayReturn`), so that its open sockets can be closed. */
  readonly onRevoked: (sessionId: string, mayReturn: boolean) => void;
  /** Tells what ended while nobody listened here: before the start, or while the connection was lost. */
  readonly loadEnded?: LoadEndedSessions;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** The sessions that ended while tokens of theirs may still be about. */
export interface Revocations {
  /** Whether a token is refused that was made when its session's rights had changed so many times. */
  isRevoked(sessionId: string, rightsVersion: number): boolean;
  close(): Promise<void>;
}

/** Which tokens of a session are refused, and until when there can be any. */
interface RefusedTokens {
  readonly belowVersion: number;
  readonly expiresAtMs: number;
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
  /** By session. Insertion order is order of time, so the oldest stand first. */
  const revoked = new Map<string, RefusedTokens>();
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

  const refuse = (sessionId: string, belowVersion: number): void => {
    const known = revoked.get(sessionId);
    if (known !== undefined && known.belowVersion >= belowVersion) return;
    for (const [oldest, { expiresAtMs }] of revoked) {
      if (expiresAtMs > now()) break;
      revoked.delete(oldest);
    }
    revoked.delete(sessionId);
    revoked.set(sessionId, { belowVersion, expiresAtMs: now() + accessTokenLifetime * 1_000 });
    onRevoked(sessionId, belowVersion !== Number.POSITIVE_INFINITY);
  };
  const apply = ({ sessionIds, renewed }: Revocation): void => {
    for (const sessionId of sessionIds) refuse(sessionId, Number.POSITIVE_INFINITY);
    for (const { sessionId, rightsVersion } of renewed) refuse(sessionId, rightsVersion);
  };
  const loadOnce = async (): Promise<void> => {
    try {
      if (loadEnded !== undefined) apply(await loadEnded());
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
      if (parsed.success) apply(parsed.data);
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
    isRevoked(sessionId, rightsVersion) {
      const refused = revoked.get(sessionId);
      return refused !== undefined && refused.expiresAtMs > now() && rightsVersion < refused.belowVersion;
    },
    async close() {
      closing.abort();
      await subscription.close();
      await Promise.all([following, catchingUp]);
    },
  };
}
