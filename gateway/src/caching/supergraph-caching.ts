import type { Logger } from '@tessera/service/logging';
import { parse } from 'graphql';
import type { GatewayConfig } from '../config.js';
import type { RequestContext } from '../context.js';
import type { AnswerSources } from '../execution/answer-sources.js';
import type { EntityMemory } from '../execution/entity-memory.js';
import type { Supergraph } from '../planning/supergraph.js';
import { createAnswerCache, type AnswerCache } from './answers/answer-cache.js';
import { createDescribeDelivery } from './answers/deliver.js';
import { callerOf } from './cache-key.js';
import type { CacheMetrics } from './cache-metrics.js';
import type { Kept } from './caching.js';
import { createEntityMemory } from './entities/entity-memory.js';
import { ChangesByMutation } from './invalidation/changes-by-mutation.js';
import type { Invalidator } from './invalidation/invalidator.js';
import type { CacheScopeName } from './policy/cache-policy.js';
import { readCacheSchema } from './policy/cache-schema.js';
import { createFetchReader } from './policy/fetch-reader.js';
import { callerTag } from './tags/tag-names.js';

/** Caching of the operations of one supergraph. */
export interface SupergraphCaching {
  /** Undefined where whole answers are neither kept nor described. */
  readonly answers: AnswerCache | undefined;
  readonly entityMemory: EntityMemory | undefined;
  /**
   * Runs a mutation; before it is answered, what it has changed is forgotten, and everything that its caller was answered
   * as private: who changes something sees it.
   */
  mutate<Answer>(context: RequestContext, run: (sources?: AnswerSources) => Promise<Answer>): Promise<Answer>;
}

export interface SupergraphCachingOptions {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly metrics: CacheMetrics;
  readonly supergraph: Supergraph;
  readonly kept: Kept;
  readonly invalidator: Invalidator;
}

const scopes: Readonly<Record<'off' | 'headers' | 'public' | 'private', readonly CacheScopeName[]>> = {
  off: [],
  headers: [],
  public: ['public'],
  private: ['public', 'private'],
};

/** Creates the caching of one supergraph. */
export function createSupergraphCaching(options: SupergraphCachingOptions): SupergraphCaching {
  const { config, logger, metrics, supergraph, kept, invalidator } = options;
  const document = parse(supergraph.sdl, { noLocation: true });
  const schema = readCacheSchema(document, config.CACHE_DEFAULT_SCOPE);
  const fetches = createFetchReader(schema, {
    maxAgeSeconds: config.CACHE_MAX_AGE_SECONDS,
    defaultStaleSeconds: config.CACHE_STALE_SECONDS,
    maxStaleSeconds: config.CACHE_MAX_STALE_SECONDS,
  });
  const common = { supergraphId: supergraph.id, fetches, metrics };
  const answers =
    config.ANSWER_CACHE === 'off'
      ? undefined
      : createAnswerCache({
          ...common,
          kept: kept.answers,
          keptScopes: scopes[config.ANSWER_CACHE],
          maxStaleSeconds: config.CACHE_MAX_STALE_SECONDS,
          requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
          describe: createDescribeDelivery({
            forwardedNames: config.FORWARD_HEADERS,
            tagHeader: config.CACHE_TAG_HEADER === 'off' ? undefined : config.CACHE_TAG_HEADER,
            namesOrigin: config.CACHE_HINT_HEADER,
          }),
        });
  const entityMemory =
    config.ENTITY_CACHE === 'off'
      ? undefined
      : createEntityMemory({ ...common, schema, kept: kept.entities, keptScopes: scopes[config.ENTITY_CACHE] });
  const keepsAnything = scopes[config.ANSWER_CACHE].length + scopes[config.ENTITY_CACHE].length > 0;

  return {
    answers,
    entityMemory,
    async mutate(context, run) {
      if (!keepsAnything || !config.CACHE_FOLLOW_MUTATIONS) return run();
      const changes = new ChangesByMutation(fetches);
      const answer = await run(changes);
      try {
        await invalidator.invalidateTags([...changes.tags, callerTag(callerOf(context))]);
      } catch (error) {
        // The mutation is done all the same.
        logger.warn({ err: error, requestId: context.requestId }, 'what a mutation changed could not be invalidated');
      }
      return answer;
    },
  };
}
