import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import { quotaChangesChannel, quotaStateSchema } from '@tessera/service/quotas';
import type { AskExhausted } from './ask-exhausted.js';
import type { CallQuotas } from './call-quotas.js';

export interface FollowQuotasOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly quotas: CallQuotas;
  readonly ask: AskExhausted;
  /** How often the whole list is asked for, in case that a message was lost; default 30,000. */
  readonly intervalMs?: number;
}

const retryAfterMs = 500;

/**
 * Keeps up with who has API calls left, for ever, also while broker or analytics are away for a time.
 *
 * @returns what ends it; never rejects
 */
export function followQuotas(options: FollowQuotasOptions): () => Promise<void> {
  const { pubSub, logger, quotas, ask, intervalMs = 30_000 } = options;
  const closing = new AbortController();
  let asking: Promise<void> | undefined;

  const askOnce = async (): Promise<void> => {
    const before = quotas.known();
    try {
      quotas.replace(await ask(), before);
    } catch (error) {
      logger.warn({ err: error }, 'exhausted quotas cannot be asked for now; what is known holds on');
    }
  };
  const askAgain = (): void => {
    asking ??= askOnce().finally(() => (asking = undefined));
  };
  const listen = (): PubSubSubscription => {
    const messages = pubSub.subscribe(quotaChangesChannel, { onGap: askAgain });
    messages.ready.then(askAgain, () => undefined);
    return messages;
  };
  let subscription = listen();

  const follow = async (messages: PubSubSubscription): Promise<void> => {
    for await (const message of messages) {
      const parsed = quotaStateSchema.safeParse(message);
      if (parsed.success) quotas.apply(parsed.data);
      else logger.error({ err: parsed.error }, 'a message about a quota cannot be read');
    }
  };
  const followForever = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await follow(subscription).catch((error: unknown) =>
        logger.error({ err: error }, 'listening to quotas was interrupted'),
      );
      if (closing.signal.aborted) return;
      await wait(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      subscription = listen();
    }
  };
  const following = followForever();
  const timer = setInterval(askAgain, intervalMs);
  timer.unref();
  return async () => {
    closing.abort();
    clearInterval(timer);
    await subscription.close();
    await Promise.all([following, asking]);
  };
}
