import { sqlOf, type EntityManager } from '@tessera/service/database';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import type { AlertMeasure, AlertOperator } from '../alert-rules/alert-rule-input.js';
import { latencyPercentile } from '../live/latency-percentile.js';
import type { RuleObservation } from './decide.js';

interface ObservationRow {
  readonly rule_id: string;
  readonly tenant_id: string;
  readonly revision: number;
  readonly measure: AlertMeasure;
  readonly operator: AlertOperator;
  readonly threshold: number;
  readonly window_seconds: number;
  /** How much time its events were counted over. */
  readonly event_seconds: number;
  readonly for_seconds: number;
  readonly alert_id: string | null;
  readonly alert_status: string | null;
  readonly alert_age_seconds: number | null;
  readonly events: number | null;
  readonly requests: number | null;
  readonly errors: number | null;
  readonly latency_counts: readonly number[] | null;
  readonly had_requests: boolean;
}

const eventMeasures = `('EVENT_COUNT', 'EVENTS_PER_SECOND')`;

/** As PostgreSQL counts elements of arrays. */
const latencyPositions = Array.from({ length: usageLatencyBoundsMs.length + 1 }, (_, index) => index + 1);

/**
 * Reads the rules of some tenants, each with its open alert and what its measure needs, in one statement. Rules that look at
 * the same thing share one count. Events are counted by whole seconds: the window's, and what has passed of this one.
 * A report of a longer time than the window is spread over that time: it counts with the window's share of it.
 *
 * Every part is materialized: while `alert_rule` has no statistics the planner takes it for almost empty, and would measure
 * a window again for each rule. A tenant's reports are read once, however many windows look at them.
 */
const observeSql = `
  with rule as materialized (
    select * from alert_rule where enabled and deleted_at is null and tenant_id = any($1::uuid[])
  ), event_window as materialized (
    select tenant_id, window_seconds, event_name, (
      select coalesce(sum(events), 0)::float8 from event_second
      where event_second.tenant_id = watched.tenant_id
        and second >= date_trunc('second', now()) - make_interval(secs => watched.window_seconds)
        and (watched.event_name is null or name = watched.event_name)) as events
    from (select distinct tenant_id, window_seconds, event_name from rule where measure in ${eventMeasures}) as watched
  ), request_window as materialized (
    select watched.tenant_id, measured.*
    from (
      select tenant_id, array_agg(distinct window_seconds) as windows, max(window_seconds) as longest_seconds,
        bool_or(measure like 'LATENCY%') as has_latency
      from rule where measure not in ${eventMeasures} group by tenant_id) as watched
    cross join lateral (
      with report as materialized (
        select reported_at, (report ->> 'windowMs')::float8 as window_ms, (report ->> 'requests')::float8 as requests, (report ->> 'errors')::float8 as errors,
          case when watched.has_latency then translate(report ->> 'latencyCounts', '[]', '{}')::float8[] end as counts
        from usage_sample
        where usage_sample.tenant_id = watched.tenant_id
          and reported_at > now() - make_interval(secs => watched.longest_seconds)
      )
      select window_seconds, sum(requests * share) as requests, sum(errors * share) as errors,
        array[${latencyPositions.map((position) => `sum(counts[${position}] * share)`).join(', ')}] as latency_counts
      from unnest(watched.windows) as window_seconds
      join report on reported_at > now() - make_interval(secs => window_seconds)
      cross join lateral (select least(1, window_seconds * 1000 / window_ms) as share) as weighted
      group by window_seconds) as measured
  )
  select rule.id::text as rule_id, rule.tenant_id::text as tenant_id, rule.revision, rule.measure, rule.operator,
    rule.threshold, rule.for_seconds, alert.id::text as alert_id, alert.status as alert_status,
    extract(epoch from now() - alert.started_at)::float8 as alert_age_seconds,
    event_window.events, request_window.requests, request_window.errors, rule.window_seconds,
    (rule.window_seconds + extract(epoch from now() - date_trunc('second', now())))::float8 as event_seconds,
    request_window.latency_counts,
    alert.id is not null and rule.measure not in ${eventMeasures} and coalesce(request_window.requests, 0) = 0 and exists (
      select from usage_sample
      where usage_sample.tenant_id = rule.tenant_id and reported_at > now() - make_interval(secs => 2 * rule.window_seconds)
        and (report ->> 'requests')::float8 > 0) as had_requests
  from rule
  left join alert on alert.tenant_id = rule.tenant_id and alert.rule_id = rule.id and alert.status <> 'RESOLVED'
  left join event_window on event_window.tenant_id = rule.tenant_id
    and event_window.window_seconds = rule.window_seconds and event_window.event_name is not distinct from rule.event_name
    and rule.measure in ${eventMeasures}
  left join request_window on request_window.tenant_id = rule.tenant_id
    and request_window.window_seconds = rule.window_seconds and rule.measure not in ${eventMeasures}`;

/** What every enabled rule of these tenants looks like now; for the service itself, which may read across tenants. */
export async function observeRules(
  entityManager: EntityManager,
  tenantIds: readonly string[],
): Promise<RuleObservation[]> {
  const rows = await sqlOf(entityManager)<ObservationRow>(observeSql, [[...tenantIds]]);
  return rows.map((row) => ({
    ruleId: row.rule_id,
    tenantId: row.tenant_id,
    revision: row.revision,
    operator: row.operator,
    threshold: row.threshold,
    forSeconds: row.for_seconds,
    value: valueOf(row),
    hadValue: row.had_requests,
    open:
      row.alert_id === null
        ? undefined
        : {
            alertId: row.alert_id,
            isFiring: row.alert_status === 'FIRING',
            ageSeconds: row.alert_age_seconds ?? 0,
          },
  }));
}

function valueOf(row: ObservationRow): number | null {
  const requests = row.requests ?? 0;
  switch (row.measure) {
    case 'EVENT_COUNT':
      return row.events ?? 0;
    case 'EVENTS_PER_SECOND':
      return (row.events ?? 0) / row.event_seconds;
    case 'REQUESTS_PER_SECOND':
      return requests / row.window_seconds;
    case 'ERROR_RATE':
      return requests === 0 ? null : (row.errors ?? 0) / requests;
    case 'LATENCY_P50_MS':
      return latencyPercentile(row.latency_counts ?? [], 0.5) ?? null;
    case 'LATENCY_P95_MS':
      return latencyPercentile(row.latency_counts ?? [], 0.95) ?? null;
    case 'LATENCY_P99_MS':
      return latencyPercentile(row.latency_counts ?? [], 0.99) ?? null;
  }
}
