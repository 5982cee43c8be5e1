import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import type { AlertStatus } from './alert.entity.js';

/** The pub/sub channel on which instances tell each other that there are new changes; the changes are in the database. */
export const alertChannel = (tenantId: string): string => `alerts:${tenantId}`;

/** An alert as it was after one change. */
export interface AlertChange {
  /** Position among the tenant's changes, without holes. */
  readonly sequence: number;
  readonly id: string;
  readonly tenantId: string;
  readonly ruleId: string;
  readonly status: AlertStatus;
  readonly value: number;
  readonly threshold: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly changedAt: Date;
}

interface ChangeRow {
  readonly sequence: number;
  readonly id: string;
  readonly rule_id: string;
  readonly status: AlertStatus;
  readonly value: number;
  readonly threshold: number;
  readonly started_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly changed_at_ms: number;
}

const changesSql = `
  select sequence::float8 as sequence, alert_id::text as id, rule_id::text as rule_id, status, value, threshold,
         (extract(epoch from started_at) * 1000)::float8 as started_at_ms,
         (extract(epoch from ended_at) * 1000)::float8 as ended_at_ms,
         (extract(epoch from changed_at) * 1000)::float8 as changed_at_ms
  from alert_change where tenant_id = $1 and sequence > $2 order by sequence limit $3`;

/** The tenant's next changes after a position, in order. */
export async function readAlertChanges(
  scope: DataScope,
  tenantId: string,
  afterSequence: number,
  limit: number,
): Promise<AlertChange[]> {
  try {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<ChangeRow>(changesSql, [tenantId, afterSequence, limit]),
    );
    return rows.map(({ rule_id, started_at_ms, ended_at_ms, changed_at_ms, ...change }) => ({
      ...change,
      tenantId,
      ruleId: rule_id,
      startedAt: new Date(started_at_ms),
      endedAt: ended_at_ms === null ? null : new Date(ended_at_ms),
      changedAt: new Date(changed_at_ms),
    }));
  } finally {
    scope.close();
  }
}

const sequencesSql =
  'select tenant_id::text as tenant_id, last::float8 as last from alert_sequence where tenant_id = any($1::uuid[])';

/** How far each tenant's changes go; a tenant without any is absent. */
export async function readAlertSequences(
  scope: DataScope,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  try {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<{ tenant_id: string; last: number }>(sequencesSql, [[...tenantIds]]),
    );
    return new Map(rows.map(({ tenant_id, last }) => [tenant_id, last]));
  } finally {
    scope.close();
  }
}
