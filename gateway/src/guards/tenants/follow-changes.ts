import { setTimeout as wait } from 'node:timers/promises';
import { tenantChangesChannel, tenantChangeSchema } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';

export interface FollowTenantChangesOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly onChanged: (tenantId: string) => void;
  /** Messages may have been missed: any tenant may have changed. */
  readonly onGap: () => void;
}

const retryAfterMs = 500;

/**
 * Listens to what the tenant subgraph says has changed, for ever, also while the broker is away for a time.
 *
 * @returns what ends it; never rejects
 */
export function followTenantChanges(options: FollowTenantChangesOptions): () => Promise<void> {
  const { pubSub, logger, onChanged, onGap } = options;
  const closing = new AbortController();
  let subscription = pubSub.subscribe(tenantChangesChannel, { onGap });

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
      if (closing.signal.aborted) return;
      await wait(retryAfterMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) return;
      subscription = pubSub.subscribe(tenantChangesChannel, { onGap });
      subscription.ready.then(onGap, () => undefined);
    }
  };
  const following = followForever();
  return async () => {
    closing.abort();
    await subscription.close();
    await following;
  };
}
