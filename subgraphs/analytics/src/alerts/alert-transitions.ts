import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { newId, sqlOf, type EntityManager, type RunSql } from '@tessera/service/database';

/** A decision about one rule's alert. `revision` is the state of the rule that the decision looked at. */
export type AlertTransition =
  | {
      readonly kind: 'open';
      readonly ruleId: string;
      readonly revision: number;
      readonly value: number;
      /** Whether it fires at once, after it was pending for an instant. */
      readonly fires: boolean;
    }
  | { readonly kind: 'fire'; readonly alertId: string; readonly value: number }
  | { readonly kind: 'resolve'; readonly alertId: string; readonly value: number | null };

/** An alert as it is after a change, for the log of changes; as JSON, times included. */
interface ChangedRow {
  readonly changed: { readonly id: string };
}

/** The payload of `alert.fired`. */
interface FiredAlert {
  readonly alertId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly value: number;
  readonly threshold: number;
}

const resolveSql = `
  with changed as (
    update alert set status = 'RESOLVED', value = coalesce(decided.value, alert.value), ended_at = now()
    from jsonb_to_recordset($2::jsonb) as decided ("alertId" uuid, value float8)
    where alert.tenant_id = $1 and alert.id = decided."alertId" and alert.status <> 'RESOLVED'
    returning alert.*
  ) select to_jsonb(changed) as changed from changed order by id`;

/** The rule is locked for the moment, so that it cannot be changed or deleted between the look and the alert. */
const openSql = `
  with rule as (
    select alert_rule.id, alert_rule.threshold, decided."alertId", decided.value
    from jsonb_to_recordset($2::jsonb) as decided ("alertId" uuid, "ruleId" uuid, revision integer, value float8)
    join alert_rule on alert_rule.id = decided."ruleId" and alert_rule.revision = decided.revision
    where alert_rule.tenant_id = $1 and alert_rule.enabled and alert_rule.deleted_at is null
    for share of alert_rule
  ), changed as (
    insert into alert (id, tenant_id, rule_id, status, value, threshold, started_at)
    select "alertId", $1, id, 'PENDING', value, threshold, now() from rule
    on conflict (tenant_id, rule_id) where status <> 'RESOLVED' do nothing
    returning *
  ) select to_jsonb(changed) as changed from changed order by id`;

const fireSql = `
  with changed as (
    update alert set status = 'FIRING', value = decided.value
    from jsonb_to_recordset($2::jsonb) as decided ("alertId" uuid, value float8)
    where alert.tenant_id = $1 and alert.id = decided."alertId" and alert.status = 'PENDING'
    returning alert.*
  ) select to_jsonb(changed) as changed from changed order by id`;

const firedSql = `
  select alert.id as "alertId", alert_rule.id as "ruleId", alert_rule.name as "ruleName", alert.value, alert.threshold
  from alert join alert_rule on alert_rule.id = alert.rule_id
  where alert.tenant_id = $1 and alert.id = any($2::uuid[])`;

const resolveRuleSql = `
  with changed as (
    update alert set status = 'RESOLVED', ended_at = now()
    where tenant_id = $1 and rule_id = $2 and status <> 'RESOLVED'
    returning *
  ) select to_jsonb(changed) as changed from changed`;

/** The row of the tenant's counter stays locked until the commit: sequences are seen in their order, without holes. */
const logSql = `
  with counter as (
    insert into alert_sequence as known (tenant_id, last) values ($1, $3)
    on conflict (tenant_id) do update set last = known.last + excluded.last
    returning last
  )
  insert into alert_change
    (tenant_id, sequence, alert_id, rule_id, status, value, threshold, started_at, ended_at, changed_at)
  select $1, counter.last - $3 + entry.position, changed.id, changed.rule_id, changed.status, changed.value,
         changed.threshold, changed.started_at, changed.ended_at, now()
  from counter, jsonb_array_elements($2::jsonb) with ordinality as entry (alert, position),
       jsonb_populate_record(null::alert, entry.alert) as changed`;

/**
 * Carries decisions out, inside the tenant's transaction, and logs each change. A decision that no longer fits (another
 * instance was faster, the rule was changed) does nothing, so no change ever happens twice.
 *
 * @returns whether anything changed
 */
export async function applyTransitions(
  entityManager: EntityManager,
  tenantId: string,
  transitions: readonly AlertTransition[],
): Promise<boolean> {
  const query = sqlOf(entityManager);
  const run = async (sql: string, decided: readonly object[]): Promise<ChangedRow[]> =>
    decided.length === 0 ? [] : query<ChangedRow>(sql, [tenantId, JSON.stringify(decided)]);

  const opens = transitions.filter((transition) => transition.kind === 'open');
  const withIds = opens.map((transition) => ({ ...transition, alertId: newId() }));
  const resolved = await run(
    resolveSql,
    transitions.filter(({ kind }) => kind === 'resolve'),
  );
  const opened = await run(openSql, withIds);
  const openedIds = new Set(opened.map(({ changed }) => changed.id));
  const fired = await run(fireSql, [
    ...transitions.filter(({ kind }) => kind === 'fire'),
    ...withIds.filter(({ fires, alertId }) => fires && openedIds.has(alertId)),
  ]);
  await announceFired(query, tenantId, fired);
  return logChanges(query, tenantId, [...resolved, ...opened, ...fired]);
}

/** Resolves what a rule has open, because the rule is gone or switched off. @returns whether there was anything */
export async function resolveAlertsOfRule(
  entityManager: EntityManager,
  tenantId: string,
  ruleId: string,
): Promise<boolean> {
  const query = sqlOf(entityManager);
  return logChanges(query, tenantId, await query<ChangedRow>(resolveRuleSql, [tenantId, ruleId]));
}

/** Tells other subgraphs of what fires now, as `alert.fired`. */
async function announceFired(query: RunSql, tenantId: string, fired: readonly ChangedRow[]): Promise<void> {
  if (fired.length === 0) return;
  const ids = fired.map(({ changed }) => changed.id);
  const alerts = await query<FiredAlert>(firedSql, [tenantId, ids]);
  await appendToOutbox(
    query,
    alerts.map((alert) => createDomainEvent({ type: 'alert.fired', tenantId, payload: { ...alert } })),
  );
}

async function logChanges(query: RunSql, tenantId: string, rows: readonly ChangedRow[]): Promise<boolean> {
  if (rows.length === 0) return false;
  await query(logSql, [tenantId, JSON.stringify(rows.map(({ changed }) => changed)), rows.length]);
  return true;
}
