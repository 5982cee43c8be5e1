import { sqlOf, type EntityManager } from '@tessera/service/database';
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
}

const eventMeasures = `('EVENT_COUNT', 'EVENTS_PER_SECOND')`;

const isReportedInWindow = 'reported_at > now() - make_interval(secs => watched.window_seconds)';

/**
 * Reads every rule that is evaluated, with its open alert and what its measure needs, in one statement. Rules that look at
 * the same thing share one count. Events are counted by whole seconds: the window's, and what has passed of this one.
 */
const observeSql = `
  with rule as (
    select * from alert_rule where enabled and deleted_at is null
  ), event_window as (
    select tenant_id, window_seconds, event_name, (
      select coalesce(sum(events), 0)::float8 from event_second
      where event_second.tenant_id = watched.tenant_id
        and second >= date_trunc('second', now()) - make_interval(secs => watched.window_seconds)
        and (watched.event_name is null or name = watched.event_name)) as events
    from (select distinct tenant_id, window_seconds, event_name from rule where measure in ${eventMeasures}) as watched
  ), request_window as (
    select tenant_id, window_seconds, requests, errors, case when has_latency then (
        select jsonb_agg(total order by position) from (
          select position, sum(count::float8) as total
          from usage_sample, jsonb_array_elements_text(report -> 'latencyCounts') with ordinality as bound (count, position)
          where usage_sample.tenant_id = watched.tenant_id and ${isReportedInWindow}
          group by position) as totals) end as latency_counts
    from (
      select tenant_id, window_seconds, bool_or(measure like 'LATENCY%') as has_latency
      from rule where measure not in ${eventMeasures} group by tenant_id, window_seconds) as watched
    cross join lateral (
      select sum((report ->> 'requests')::float8) as requests, sum((report ->> 'errors')::float8) as errors
      from usage_sample where usage_sample.tenant_id = watched.tenant_id and ${isReportedInWindow}) as reported
  )
  select rule.id::text as rule_id, rule.tenant_id::text as tenant_id, rule.revision, rule.measure, rule.operator,
    rule.threshold, rule.for_seconds, alert.id::text as alert_id, alert.status as alert_status,
    extract(epoch from now() - alert.started_at)::float8 as alert_age_seconds,
    event_window.events, request_window.requests, request_window.errors, rule.window_seconds,
    (rule.window_seconds + extract(epoch from now() - date_trunc('second', now())))::float8 as event_seconds,
    request_window.latency_counts
  from rule
  left join alert on alert.tenant_id = rule.tenant_id and alert.rule_id = rule.id and alert.status <> 'RESOLVED'
  left join event_window on event_window.tenant_id = rule.tenant_id
    and event_window.window_seconds = rule.window_seconds and event_window.event_name is not distinct from rule.event_name
    and rule.measure in ${eventMeasures}
  left join request_window on request_window.tenant_id = rule.tenant_id
    and request_window.window_seconds = rule.window_seconds and rule.measure not in ${eventMeasures}`;

/** What every enabled rule of every tenant looks like now; for the service itself, which may read across tenants. */
export async function observeRules(entityManager: EntityManager): Promise<RuleObservation[]> {
  const rows = await sqlOf(entityManager)<ObservationRow>(observeSql);
  return rows.map((row) => ({
    ruleId: row.rule_id,
    tenantId: row.tenant_id,
    revision: row.revision,
    operator: row.operator,
    threshold: row.threshold,
    forSeconds: row.for_seconds,
    value: valueOf(row),
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
