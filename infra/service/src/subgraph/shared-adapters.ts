import type { Health } from '../health/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { ConfigError } from '../config/index.js';
import type { SharedAdapters } from './platform.js';

export interface SharedAdaptersOptions {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
}

/** Connects to Redis for all that services share in distributed mode. */
export function connectSharedAdapters(redisUrl: string | undefined, _options: SharedAdaptersOptions): SharedAdapters {
  if (redisUrl === undefined) throw new ConfigError(['REDIS_URL: required, except in local mode']);
  throw new ConfigError(['REDIS_URL: not supported']);
}
