import type { RedisOptions } from 'ioredis';
import type { RedisNode, RedisTarget } from './redis-url.js';

const firstRetryMs = 50;
/** A Redis that is back is found within a second: what was to be known at once waits for no longer. */
const longestRetryMs = 1_000;

/** How long to wait before the next try to connect: doubling, with half of it random so that instances spread out. */
export function reconnectDelayMs(attempt: number, random: () => number = Math.random): number {
  const ceilingMs = Math.min(firstRetryMs * 2 ** Math.min(attempt - 1, 16), longestRetryMs);
  return Math.round(ceilingMs / 2 + (ceilingMs / 2) * random());
}

/**
 * Options that every connection shares. Each departs from ioredis' default for one reason: a request must not wait for
 * a Redis that is away, and no command may run twice.
 */
export function commonOptions(target: RedisTarget, name: string, commandTimeoutMs: number | undefined) {
  return {
    connectionName: `tessera-${name}`,
    connectTimeout: 5_000,
    username: target.username,
    password: target.password,
    // A command sent while disconnected fails at once, instead of queueing and running when nobody wants it any more.
    enableOfflineQueue: false,
    // A command whose reply was lost may have run: INCR or XADD must not be sent again behind the caller's back.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    // After a failover the old address may answer as a replica for a while; a new connection finds the new master.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    ...(target.tls ? { tls: {} } : {}),
  } satisfies RedisOptions;
}

/** Adds where a single server, or the master that Sentinels know, is found. */
export function addressOptions(target: Exclude<RedisTarget, { kind: 'cluster' }>) {
  if (target.kind === 'single')
    return { host: target.node.host, port: target.node.port, db: target.database } satisfies RedisOptions;
  return {
    sentinels: target.nodes.map((node: RedisNode) => ({ ...node })),
    name: target.masterName,
    db: target.database,
    failoverDetector: true,
    sentinelCommandTimeout: 2_000,
    enableTLSForSentinelMode: target.tls,
    ...(target.tls ? { sentinelTLS: {} } : {}),
  } satisfies RedisOptions;
}
