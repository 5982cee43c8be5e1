import { availableParallelism } from 'node:os';
import type { Platform } from '@tessera/service/subgraph';
import type { AuthConfig } from '../config.js';
import { HashQueue } from './hash-queue.js';

/**
 * What the hashing of passwords waits at: as many at once as there are cores, but not all threads of the pool, which resolve
 * names and read files too. So few wait that of the requests under way most are left to who has nothing to hash: a flood of
 * sign-ins does not keep a refresh waiting.
 */
export function createHashQueue({ config, metrics }: Platform<AuthConfig>): HashQueue {
  const { MAX_CONCURRENT_REQUESTS, MAX_QUEUE_MS, UV_THREADPOOL_SIZE } = config;
  const refusals = metrics.counter('password_hash_refusals_total', 'Passwords that were not hashed: too many waited');
  const queue = new HashQueue({
    maxConcurrent: Math.max(1, Math.min(availableParallelism(), UV_THREADPOOL_SIZE - 1)),
    maxWaiting: Math.max(1, Math.floor(MAX_CONCURRENT_REQUESTS / 8)),
    maxWaitMs: MAX_QUEUE_MS,
    onRefused: () => refusals.inc(),
  });
  metrics.sampledGauge('password_hash_queue_length', 'Passwords that wait to be hashed', () => queue.waiting);
  return queue;
}
