import { createInProcessTaggedCache, createRedisTaggedCache, type TaggedCodec } from '@tessera/service/cache';
import type { EventBus } from '@tessera/service/events';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import { createRedis, type RedisClient } from '@tessera/service/redis';
import type { GatewayConfig } from '../config.js';
import type { Supergraph } from '../planning/supergraph.js';
import { answerCodec, type KeptAnswer } from './answers/kept-answer.js';
import type { CacheMetrics, CacheName } from './cache-metrics.js';
import { entityCodec, type KeptEntity } from './entities/kept-entity.js';
import { followEvents } from './invalidation/changes-by-event.js';
import { createInvalidator, type ForgetfulMemory, type Invalidator } from './invalidation/invalidator.js';
import { createInvalidationFeed } from './store/invalidation-feed.js';
import { createKeptValues, type KeptValues } from './store/kept-values.js';
import { createSupergraphCaching, type SupergraphCaching } from './supergraph-caching.js';

export interface CachingOptions {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly metrics: CacheMetrics;
  readonly pubSub: PubSub;
  readonly eventBus: EventBus;
}

/** The caching room: what outlives a supergraph. */
export interface Caching {
  readonly invalidator: Invalidator;
  forSupergraph(supergraph: Supergraph): SupergraphCaching;
}

/** What is kept, of both kinds. */
export interface Kept {
  readonly answers: KeptValues<KeptAnswer>;
  readonly entities: KeptValues<KeptEntity>;
}

/** Opens the caching room. @returns undefined where nothing is configured: then nothing is paid for it */
export function createCaching(options: CachingOptions): Caching | undefined {
  const { config, lifecycle, eventBus } = options;
  if (config.ANSWER_CACHE === 'off' && config.ENTITY_CACHE === 'off') return undefined;
  const { kept, invalidator } = openStores(options);
  const consumer = followEvents(eventBus, config.CACHE_INVALIDATION_EVENTS, invalidator);
  if (consumer !== undefined) lifecycle.defer('invalidating events', () => consumer.close());
  return {
    invalidator,
    forSupergraph: (supergraph) => createSupergraphCaching({ ...options, supergraph, kept, invalidator }),
  };
}

function openStores(options: CachingOptions): { readonly kept: Kept; readonly invalidator: Invalidator } {
  const { config, logger, lifecycle, metrics, pubSub } = options;
  const newMemory = <Value>(name: CacheName, sizeOf: (value: Value) => number) =>
    createInProcessTaggedCache<Value>({
      maxEntries: config.CACHE_MAX_ENTRIES,
      maxBytes: config.CACHE_MAX_BYTES,
      sizeOf,
      onEvicted: () => metrics.evicted(name),
    });
  const answers = newMemory<KeptAnswer>('answers', ({ bytes }) => bytes);
  const entities = newMemory<KeptEntity>('entities', ({ text }) => 2 * text.length);
  const memories: readonly ForgetfulMemory[] = [answers, entities];
  const { REDIS_URL: redisUrl, CACHE_MEMORY_SECONDS: maxMemorySeconds } = config;
  if (redisUrl === undefined) {
    const alone = { maxMemorySeconds, isLive: () => true };
    return {
      kept: {
        answers: createKeptValues({ memory: answers, ...alone }),
        entities: createKeptValues({ memory: entities, ...alone }),
      },
      invalidator: createInvalidator({ memories }),
    };
  }
  const redis: RedisClient = createRedis(redisUrl, { name: 'gateway answers', logger, lifecycle });
  const newShared = <Value>(kind: CacheName, codec: TaggedCodec<Value>) =>
    createRedisTaggedCache({ redis, service: 'gateway', kind, codec, logger });
  const store = newShared('answers', answerCodec);
  const feed = createInvalidationFeed({
    pubSub,
    logger,
    onInvalidated: (tags, stamp) => memories.forEach((memory) => memory.forget(tags, stamp)),
    onMissed: () => memories.forEach((memory) => memory.clear()),
  });
  lifecycle.defer('news of invalidations', () => feed.close());
  const shared = { maxMemorySeconds, isLive: () => feed.isLive() };
  return {
    kept: {
      answers: createKeptValues({ memory: answers, shared: store, ...shared }),
      entities: createKeptValues({ memory: entities, shared: newShared('entities', entityCodec), ...shared }),
    },
    invalidator: createInvalidator({ memories, sharing: { store, feed } }),
  };
}
