import type { Metrics } from '@tessera/service/metrics';

/** What is counted about the events of subscriptions. */
export interface StreamMetrics {
  upstreamOpened(): void;
  upstreamClosed(): void;
  upstreamReopened(): void;
  received(): void;
  delivered(subscribers: number): void;
  taken(lagMs: number): void;
  replaced(subscribers: number): void;
  fellBehind(): void;
}

/** Registers the metrics of streams. */
export function createStreamMetrics(metrics: Metrics): StreamMetrics {
  const upstreams = metrics.gauge('graphql_subscription_upstreams_active', 'Streams that are open at subgraphs');
  const reopened = metrics.counter(
    'graphql_subscription_upstreams_reopened_total',
    'Streams of subgraphs that were lost, and opened again',
  );
  const lag = metrics.histogram(
    'graphql_subscription_lag_seconds',
    'From an event’s coming to its being taken to be written, once for each subscriber',
  );
  const received = metrics.counter('graphql_subscription_events_received_total', 'Events that subgraphs sent');
  const delivered = metrics.counter(
    'graphql_subscription_events_delivered_total',
    'Events handed to subscribers, once for each',
  );
  const replaced = metrics.counter(
    'graphql_subscription_events_replaced_total',
    'Events that went for later ones, because a subscriber was slow and only the latest counts',
  );
  const fellBehind = metrics.counter(
    'graphql_subscription_fell_behind_total',
    'Subscribers cut off, because they were slow and no event may be left out',
  );
  return {
    upstreamOpened: () => upstreams.inc(),
    upstreamClosed: () => upstreams.dec(),
    upstreamReopened: () => reopened.inc(),
    taken: (lagMs) => lag.observe(lagMs / 1_000),
    received: () => received.inc(),
    delivered: (subscribers) => delivered.inc(subscribers),
    replaced: (subscribers) => replaced.inc(subscribers),
    fellBehind: () => fellBehind.inc(),
  };
}
