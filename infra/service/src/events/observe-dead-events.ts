import type { Metrics } from '../metrics/index.js';
import { deadEventStreamKey, type RedisClient } from '../redis/index.js';

/** Shows in `/metrics` how many events no consumer could handle: the same number in all services that share a Redis. */
export function observeDeadEvents(redis: RedisClient, metrics: Metrics): void {
  metrics.askedGauge(
    'events_dead',
    `Events that were put aside for an operator in ${deadEventStreamKey}`,
    [],
    async () => [{ labels: {}, value: await redis.xlen(deadEventStreamKey) }],
  );
}
