import type { Metrics } from '@tessera/service/metrics';
import { createStreamMetrics, type StreamMetrics } from './stream-metrics.js';

export type OperationKind = 'query' | 'mutation' | 'subscription' | 'unknown';

/** `ok`: no errors; `partial`: data with errors; `failed`: errors alone; `refused`: it did not run. */
export type OperationOutcome = 'ok' | 'partial' | 'failed' | 'refused';

/** What is counted about operations; every label is from a closed set. */
export interface OperationMetrics {
  operation(kind: OperationKind, outcome: OperationOutcome, durationMs: number): void;
  planCache(outcome: 'hit' | 'miss'): void;
  /** The second planner was asked for what the first one could not plan. */
  plannerFallback(): void;
  subscriptionOpened(): void;
  subscriptionClosed(): void;
  readonly streams: StreamMetrics;
}

/** Registers the gateway's own metrics. */
export function createOperationMetrics(metrics: Metrics): OperationMetrics {
  const operations = metrics.counter('graphql_operations_total', 'Operations answered', ['kind', 'outcome']);
  const seconds = metrics.histogram('graphql_operation_duration_seconds', 'Time to answer an operation', ['kind']);
  const planHits = metrics.counter('graphql_plan_cache_hits_total', 'Operations that were found planned');
  const planMisses = metrics.counter('graphql_plan_cache_misses_total', 'Operations that had to be planned');
  const fallbacks = metrics.counter(
    'graphql_planner_fallbacks_total',
    'Operations that the second planner was asked for',
  );
  const subscriptions = metrics.gauge('graphql_subscriptions_active', 'Subscriptions that are open');

  return {
    operation(kind, outcome, durationMs) {
      operations.inc({ kind, outcome });
      seconds.observe({ kind }, durationMs / 1_000);
    },
    planCache: (outcome) => (outcome === 'hit' ? planHits : planMisses).inc(),
    plannerFallback: () => fallbacks.inc(),
    subscriptionOpened: () => subscriptions.inc(),
    subscriptionClosed: () => subscriptions.dec(),
    streams: createStreamMetrics(metrics),
  };
}
