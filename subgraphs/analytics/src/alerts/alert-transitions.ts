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

interface ResolvedRow extends ChangedRow {
  /** Whether it was firing: who has not heard of an alert need not hear of its end. */
  readonly had_fired: boolean;
}

/** The payload of `alert.fired` and `alert.resolved`. */
interface AnnouncedAlert {
  readonly alertId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly value: number;
  readonly threshold: number;
}

/** Ends the alerts that `before` has locked: only there it is seen what they were. */
const endSql = `
  changed as (
    update alert set status = 'RESOLVED', value = coalesce(before.decided, alert.value), ended_at = now()
    from before where alert.tenant_id = $1 and alert.id = before.id
    returning alert.*
  )
  select to_jsonb(changed) as changed, before.status = 'FIRING' as had_fired
  from changed join before on before.id = changed.id order by changed.id`;

const resolveSql = `
  with before as (
    select alert.id, alert.status, decided.value as decided
    from jsonb_to_recordset($2::jsonb) as decided ("alertId" uuid, value float8)
    join alert on alert.id = decided."alertId"
    where alert.tenant_id = $1 and alert.status <> 'RESOLVED'
    for update of alert
  ), ${endSql}`;

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

const announcedSql = `
  select alert.id as "alertId", alert_rule.id as "ruleId", alert_rule.name as "ruleName", alert.value, alert.threshold
  from alert join alert_rule on alert_rule.id = alert.rule_id
  where alert.tenant_id = $1 and alert.id = any($2::uuid[])`;

const resolveRuleSql = `
  with before as (
    select id, status, null::float8 as decided from alert
    where tenant_id = $1 and rule_id = $2 and status <> 'RESOLVED'
    for update
  ), ${endSql}`;

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
  const run = async <Row extends ChangedRow>(sql: string, decided: readonly object[]): Promise<Row[]> =>
    decided.length === 0 ? [] : query<Row>(sql, [tenantId, JSON.stringify(decided)]);

  const opens = transitions.filter((transition) => transition.kind === 'open');
  const withIds = opens.map((transition) => ({ ...transition, alertId: newId() }));
  const resolved = await run<ResolvedRow>(
    resolveSql,
    transitions.filter(({ kind }) => kind === 'resolve'),
  );
  const opened = await run(openSql, withIds);
  const openedIds = new Set(opened.map(({ changed }) => changed.id));
  const fired = await run(fireSql, [
    ...transitions.filter(({ kind }) => kind === 'fire'),
    ...withIds.filter(({ fires, alertId }) => fires && openedIds.has(alertId)),
  ]);
  await announce(query, 'alert.fired', tenantId, fired);
  await announceResolved(query, tenantId, resolved);
  return logChanges(query, tenantId, [...resolved, ...opened, ...fired]);
}

/** Resolves what a rule has open, because the rule is gone or switched off. @returns whether there was anything */
export async function resolveAlertsOfRule(
  entityManager: EntityManager,
  tenantId: string,
  ruleId: string,
): Promise<boolean> {
  const query = sqlOf(entityManager);
  const resolved = await query<ResolvedRow>(resolveRuleSql, [tenantId, ruleId]);
  await announceResolved(query, tenantId, resolved);
  return logChanges(query, tenantId, resolved);
}

function announceResolved(query: RunSql, tenantId: string, rows: readonly ResolvedRow[]): Promise<void> {
  const ended = rows.filter(({ had_fired }) => had_fired);
  return announce(query, 'alert.resolved', tenantId, ended);
}

/** Tells other subgraphs of what fires now, or does so no longer. */
async function announce(
  query: RunSql,
  type: 'alert.fired' | 'alert.resolved',
  tenantId: string,
  rows: readonly ChangedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ changed }) => changed.id);
  const alerts = await query<AnnouncedAlert>(announcedSql, [tenantId, ids]);
  await appendToOutbox(
    query,
    alerts.map((alert) => createDomainEvent({ type, tenantId, payload: { ...alert } })),
  );
}

async function logChanges(query: RunSql, tenantId: string, rows: readonly ChangedRow[]): Promise<boolean> {
  if (rows.length === 0) return false;
  await query(logSql, [tenantId, JSON.stringify(rows.map(({ changed }) => changed)), rows.length]);
  return true;
}
