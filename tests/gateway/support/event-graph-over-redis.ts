import { Redis } from 'ioredis';
import { startRedisServer } from '../../support/redis-server.js';
import { startEventGraph, type EventGraph } from './event-graph.js';

/** An event graph whose events come over a Redis of its own, which tests write to as anybody may. */
export interface EventGraphOverRedis {
  readonly graph: EventGraph;
  readonly client: Redis;
  close(): Promise<void>;
}

export async function startEventGraphOverRedis(): Promise<EventGraphOverRedis> {
  const redis = await startRedisServer();
  const client = new Redis(redis.url);
  const graph = await startEventGraph({ statuses: new Map([['1', 'paid']]), environment: { REDIS_URL: redis.url } });
  return {
    graph,
    client,
    async close() {
      await graph.close();
      client.disconnect();
      await redis.stop();
    },
  };
}
