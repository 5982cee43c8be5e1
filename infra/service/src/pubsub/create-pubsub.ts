import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { channelPrefix } from '../redis/index.js';
import { createInProcessPubSubHub } from './in-process-pubsub.js';
import type { PubSub } from './pubsub.js';
import { createRedisPubSub } from './redis-pubsub.js';

export interface CreatePubSubOptions {
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly redisUrl?: string | undefined;
  /** The hub that the services of one process share; used where there is no Redis. */
  readonly hub?: PubSub | undefined;
}

/** Creates a service's pub/sub: over Redis where there is one, else the process's hub, else one of its own. */
export function createPubSub({ redisUrl, hub, logger, lifecycle }: CreatePubSubOptions): PubSub {
  if (redisUrl === undefined) return hub ?? createInProcessPubSubHub();
  return createRedisPubSub({ url: redisUrl, channelPrefix, logger, lifecycle });
}
