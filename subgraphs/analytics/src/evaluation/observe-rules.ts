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
  readonly for_seconds: number;
  readonly alert_id: string | null;
  readonly alert_status: string | null;
  readonly alert_age_seconds: number | null;
  readonly events: number | null;
  readonly requests: number | null;
  readonly errors: number | null;
  readonly latency_counts: readonly number[] | null;
}

const inWindow = (column: string): string => `${column} > now() - make_interval(secs => rule.window_seconds)`;

/** Reads every rule that is evaluated, with its open alert and what its measure needs, in one statement. */
const observeSql = `
  select rule.id::text as rule_id, rule.tenant_id::text as tenant_id, rule.revision, rule.measure, rule.operator,
    rule.threshold, rule.window_seconds, rule.for_seconds, alert.id::text as alert_id, alert.status as alert_status,
    extract(epoch from now() - alert.started_at)::float8 as alert_age_seconds,
    case when rule.measure not in ('EVENT_COUNT', 'EVENTS_PER_SECOND') then null
      when rule.event_name is null then
        (select count(*)::float8 from event where event.tenant_id = rule.tenant_id and ${inWindow('received_at')})
      else
        (select count(*)::float8 from event
         where event.tenant_id = rule.tenant_id and event.name = rule.event_name and ${inWindow('received_at')})
    end as events,
    usage.requests, usage.errors,
    case when rule.measure like 'LATENCY%' then
      (select jsonb_agg(total order by position) from (
        select bound.position, sum(bound.count::integer) as total
        from usage_sample, jsonb_array_elements_text(report -> 'latencyCounts') with ordinality as bound (count, position)
        where usage_sample.tenant_id = rule.tenant_id and ${inWindow('reported_at')}
        group by bound.position) as totals)
    end as latency_counts
  from alert_rule as rule
  left join alert on alert.tenant_id = rule.tenant_id and alert.rule_id = rule.id and alert.status <> 'RESOLVED'
  left join lateral (
    select sum((report ->> 'requests')::float8) as requests, sum((report ->> 'errors')::float8) as errors
    from usage_sample where usage_sample.tenant_id = rule.tenant_id and ${inWindow('reported_at')}
  ) as usage on rule.measure in ('REQUESTS_PER_SECOND', 'ERROR_RATE')
  where rule.enabled and rule.deleted_at is null`;

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
      return (row.events ?? 0) / row.window_seconds;
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
