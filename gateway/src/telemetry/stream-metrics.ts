import type { Metrics } from '@tessera/service/metrics';

/** What is counted about the events of subscriptions. */
export interface StreamMetrics {
  opened(field: string): void;
  closed(field: string, end: string): void;
  upstreamOpened(): void;
  upstreamClosed(): void;
  upstreamReopened(): void;
  received(): void;
  delivered(subscribers: number): void;
  taken(lagMs: number): void;
  replaced(subscribers: number): void;
  fellBehind(): void;
}

/** Fields of the schema are few; those of all the schemas that a process may see in its life need not be. */
const maxFields = 100;
const otherField = 'other';

/** Registers the metrics of streams. */
export function createStreamMetrics(metrics: Metrics): StreamMetrics {
  const fields = new Set<string>();
  const active = metrics.gauge('graphql_subscription_field_active', 'Subscriptions that are open, by field', ['field']);
  const closed = metrics.counter(
    'graphql_subscription_closed_total',
    'Subscriptions that ended: completed, left, moved (they go on elsewhere), refused, or by the code of an error',
    ['reason'],
  );
  /** Never changes for a name, so that what was counted up is counted down. */
  const labelOf = (field: string): string => {
    if (fields.size < maxFields) fields.add(field);
    return fields.has(field) ? field : otherField;
  };
  const upstreams = metrics.gauge('graphql_subscription_upstreams_active', 'Streams that are open at subgraphs');
  const reopened = metrics.counter(
    'graphql_subscription_upstreams_reopened_total',
    'Streams of subgraphs that were lost, and opened again',
  );
  const lag = metrics.histogram(
    'graphql_subscription_lag_seconds',
    'From an event’s publication (its coming, where that is not told) to its being written, once for each subscriber',
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
    opened: (field) => active.inc({ field: labelOf(field) }),
    closed(field, reason) {
      active.dec({ field: labelOf(field) });
      closed.inc({ reason });
    },
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
