import type { Metrics } from '@tessera/service/metrics';

/** What keeps something: the label `cache` of metrics. */
export type CacheName = 'answers' | 'entities' | 'persisted_queries';

/** Counts what comes of caches; every label is from a closed set. */
export interface CacheMetrics {
  /** @param outcome `stale`: a hit, which is asked for again. @param count of entries. Default 1 */
  read(cache: CacheName, outcome: 'hit' | 'stale' | 'miss', count?: number): void;
  evicted(cache: CacheName): void;
}

/** Registers the metrics of the gateway's caches; once a registry. */
export function createCacheMetrics(metrics: Metrics): CacheMetrics {
  const hits = registerCounts(metrics, 'cache_hits_total', 'Cache reads that found a value');
  const misses = registerCounts(metrics, 'cache_misses_total', 'Cache reads that found none');
  const stale = registerCounts(metrics, 'cache_stale_hits_total', 'Hits of which a newer value is asked for');
  const evictions = metrics.counter('cache_evictions_total', 'Values that had to make room before their time', [
    'cache',
  ]);
  return {
    read(cache, outcome, count = 1) {
      if (count === 0) return;
      (outcome === 'miss' ? misses : hits)[cache] += count;
      if (outcome === 'stale') stale[cache] += count;
    },
    evicted: (cache) => evictions.inc({ cache }),
  };
}

/** Plain numbers, which are read when somebody scrapes. */
function registerCounts(metrics: Metrics, name: string, help: string): Record<CacheName, number> {
  const counts: Record<CacheName, number> = { answers: 0, entities: 0, persisted_queries: 0 };
  metrics.sampledCounter(name, help, ['cache'], function* () {
    for (const [cache, value] of Object.entries(counts)) yield { labels: { cache }, value };
  });
  return counts;
}
