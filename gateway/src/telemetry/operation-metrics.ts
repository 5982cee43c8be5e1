import { LatencyTally, type Metrics } from '@tessera/service/metrics';
import { createStreamMetrics, type StreamMetrics } from './stream-metrics.js';

/** Label of metrics; `unknown` where no operation was found in a request. */
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
  const kinds = registerKinds(metrics);
  const planHits = metrics.counter('graphql_plan_cache_hits_total', 'Operations that were found planned');
  const planMisses = metrics.counter('graphql_plan_cache_misses_total', 'Operations that had to be planned');
  const fallbacks = metrics.counter(
    'graphql_planner_fallbacks_total',
    'Operations that the second planner was asked for',
  );
  const subscriptions = metrics.gauge('graphql_subscriptions_active', 'Subscriptions that are open');

  return {
    operation(kind, outcome, durationMs) {
      const { outcomes, latency } = kinds[kind];
      outcomes[outcome] += 1;
      latency.add(durationMs / 1_000);
    },
    planCache: (outcome) => (outcome === 'hit' ? planHits : planMisses).inc(),
    plannerFallback: () => fallbacks.inc(),
    subscriptionOpened: () => subscriptions.inc(),
    subscriptionClosed: () => subscriptions.dec(),
    streams: createStreamMetrics(metrics),
  };
}

/** What is counted of one kind of operations: plain numbers, which are read when somebody scrapes. */
class KindTally {
  readonly outcomes: Record<OperationOutcome, number> = { ok: 0, partial: 0, failed: 0, refused: 0 };
  readonly latency = new LatencyTally();
}

function registerKinds(metrics: Metrics): Readonly<Record<OperationKind, KindTally>> {
  const kinds: Readonly<Record<OperationKind, KindTally>> = {
    query: new KindTally(),
    mutation: new KindTally(),
    subscription: new KindTally(),
    unknown: new KindTally(),
  };
  const labels = ['kind', 'outcome'] as const;
  metrics.sampledCounter('graphql_operations_total', 'Operations answered', labels, function* () {
    for (const [kind, { outcomes }] of Object.entries(kinds)) {
      for (const [outcome, value] of Object.entries(outcomes)) yield { labels: { kind, outcome }, value };
    }
  });
  const help = 'Time to answer an operation';
  metrics.sampledHistogram('graphql_operation_duration_seconds', help, ['kind'], function* () {
    for (const [kind, { latency }] of Object.entries(kinds)) {
      yield { labels: { kind }, counts: latency.counts, sum: latency.sum };
    }
  });
  return kinds;
}
