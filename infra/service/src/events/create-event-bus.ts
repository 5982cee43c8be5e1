import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import type { EventBus } from './event-bus.js';
import { createInProcessEventBus } from './in-process-event-bus.js';
import { createRedisEventBus } from './redis-event-bus.js';

export interface CreateEventBusOptions {
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly redisUrl?: string | undefined;
  /** The bus that the services of one process share; used where there is no Redis. */
  readonly sharedBus?: EventBus | undefined;
}

/** Creates a service's event bus: over Redis where there is one, else the process's shared bus, else one of its own. */
export function createEventBus({ redisUrl, sharedBus, logger, lifecycle }: CreateEventBusOptions): EventBus {
  if (redisUrl === undefined) return sharedBus ?? createInProcessEventBus({ logger });
  return createRedisEventBus({ url: redisUrl, logger, lifecycle });
}
