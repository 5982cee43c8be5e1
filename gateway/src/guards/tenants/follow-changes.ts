import { setTimeout as wait } from 'node:timers/promises';
import { tenantChangesChannel, tenantChangeSchema } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';

export interface FollowTenantChangesOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly onChanged: (tenantId: string) => void;
  /** Changes arrive from now on; of those before, some may have been missed: any tenant may have changed. */
  readonly onHeard: () => void;
  /** Changes do not arrive: any tenant may have changed. Called again every second until they do. */
  readonly onUnheard: () => void;
}

const retryAfterMs = 500;
/** A change bites within a second, also where nobody can tell of it. */
const unheardEveryMs = 1_000;

/**
 * Listens to what the tenant subgraph says has changed, for ever, also while the broker is away for a time.
 *
 * @returns what ends it; never rejects
 */
export function followTenantChanges(options: FollowTenantChangesOptions): () => Promise<void> {
  const { pubSub, logger, onChanged, onHeard, onUnheard } = options;
  const closing = new AbortController();
  let unheard: NodeJS.Timeout | undefined;

  const hear = (): void => {
    clearInterval(unheard);
    unheard = undefined;
    onHeard();
  };
  const askAlways = (): void => {
    unheard ??= setInterval(onUnheard, unheardEveryMs).unref();
    onUnheard();
  };
  const lose = (): void => {
    if (unheard !== undefined || closing.signal.aborted) return;
    logger.warn('changes of tenants are not heard of: tenants are asked for every second');
    askAlways();
  };
  const listen = (): PubSubSubscription => {
    const messages = pubSub.subscribe(tenantChangesChannel, { onGap: hear, onLost: lose });
    // What does not begin to listen is given up, so that the next one may.
    messages.ready.then(hear, () => messages.close());
    return messages;
  };
  askAlways();
  let subscription = listen();

  const follow = async (messages: PubSubSubscription): Promise<void> => {
    for await (const message of messages) {
      const parsed = tenantChangeSchema.safeParse(message);
      if (parsed.success) onChanged(parsed.data.tenantId);
      else logger.error({ err: parsed.error }, 'a message about a changed tenant cannot be read');
    }
  };
  const followForever = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await follow(subscription).catch((error: unknown) =>
        logger.error({ err: error }, 'listening to changed tenants was interrupted'),
      );
      lose();
      await wait(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (!closing.signal.aborted) subscription = listen();
    }
  };
  const following = followForever();
  return async () => {
    closing.abort();
    clearInterval(unheard);
    await subscription.close();
    await following;
  };
}
