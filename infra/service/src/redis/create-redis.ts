import { createRequire } from 'node:module';
import type { Cluster, Redis } from 'ioredis';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { addressOptions, commonOptions, reconnectDelayMs } from './redis-options.js';
import { reconnectAfterEnd } from './reconnect.js';
import { parseRedisUrl } from './redis-url.js';

/** Loaded where there is a Redis: its code takes 7 MB. */
const load = createRequire(import.meta.url);

/** A connection for commands; the same to its users whether one server or a cluster answers. */
export type RedisClient = Redis | Cluster;

/** What opening a connection needs. */
export interface RedisOptions {
  readonly logger: Logger;
  /** What the connection is for: shown by `CLIENT LIST` and in log lines. */
  readonly name: string;
  /** Closes the connection when the service stops. */
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** Deadline of one command. Default 1,000 ms; `undefined` only for a connection of blocking commands. */
  readonly commandTimeoutMs?: number | undefined;
}

/**
 * Opens a connection to a single Redis, to the master that Sentinels name, or to a cluster; see `parseRedisUrl` for the
 * URLs. It connects in the background and reconnects for ever, with growing, random delays; its errors are logged.
 *
 * While it is not connected every command rejects at once: nothing queues, nothing is sent twice.
 *
 * @throws ConfigError when the URL is not valid
 */
export function createRedis(url: string, options: RedisOptions): RedisClient {
  const { Cluster, Redis } = load('ioredis') as typeof import('ioredis');
  const { logger, name, lifecycle } = options;
  const target = parseRedisUrl(url);
  const timeoutMs = 'commandTimeoutMs' in options ? options.commandTimeoutMs : 1_000;
  const common = commonOptions(target, name, timeoutMs);
  const retryStrategy = (attempt: number): number => reconnectDelayMs(attempt);
  const redis =
    target.kind === 'cluster'
      ? new Cluster(
          target.nodes.map((node) => ({ ...node })),
          {
            enableOfflineQueue: false,
            clusterRetryStrategy: retryStrategy,
            // A node that comes back without having moved is found by asking, for no redirect tells of it.
            slotsRefreshInterval: 30_000,
            // Names stay names: a certificate is checked against them, and an address behind one may change.
            dnsLookup: (address, callback) => callback(null, address),
            redisOptions: common,
          },
        )
      : new Redis({ ...common, ...addressOptions(target), retryStrategy });
  const log = logger.child({ redis: name });
  redis.on('error', (error: Error) => log.warn({ err: error }, 'Redis connection failed'));
  redis.on('ready', () => log.info('Redis connection is ready'));
  const stopReconnecting = reconnectAfterEnd(redis);
  lifecycle.defer(`redis ${name}`, () => {
    stopReconnecting();
    // Disconnecting what has ended already would leave a timer of two seconds behind.
    if (redis.status !== 'end') redis.disconnect();
  });
  return redis;
}
