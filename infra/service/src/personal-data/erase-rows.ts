import { sqlOf, type EntityManager, type RunSql } from '../database/index.js';
import type { DataScope } from '../tenancy/index.js';
import { columnNames, type DataInventory, type SubjectRows } from './inventory.js';
import type { Subject } from './subject.js';

/** So many rows at once: a long transaction would hold up everything that waits for its rows. */
const defaultBatchSize = 2_000;

export interface EraseRowsOptions {
  readonly inventory: DataInventory;
  readonly subject: Subject;
  readonly erasureId: string;
  /** A scope that sees the subject's rows; asked for every transaction. */
  readonly openScope: () => DataScope;
  readonly signal: AbortSignal;
  readonly batchSize?: number;
}

/**
 * Deletes a subject's rows, or empties what names it, table after table in the order of the inventory. Each batch commits by
 * itself together with its count, so that this can be broken off anywhere and called again.
 *
 * @throws Error when the signal says stop
 */
export async function eraseRows(options: EraseRowsOptions): Promise<void> {
  const { inventory, subject, erasureId, openScope, signal, batchSize = defaultBatchSize } = options;
  for (const [table, entry] of Object.entries(inventory)) {
    for (const rows of subject.kind === 'person' ? [entry.person, entry.mentions] : [entry.tenant]) {
      const statement = rows && batchStatement(table, rows);
      if (statement === undefined) continue;
      let erased: number;
      do {
        signal.throwIfAborted();
        erased = await openScope().write((entityManager) =>
          eraseBatch(sqlOf(entityManager), statement, [subject.id, batchSize, erasureId, table]),
        );
      } while (erased > 0);
    }
  }
}

async function eraseBatch(query: RunSql, statement: string, parameters: readonly unknown[]): Promise<number> {
  const [row] = await query<{ readonly erased: number }>(statement, parameters);
  return row?.erased ?? 0;
}

/** Names are the inventory's own, never a caller's. */
function batchStatement(table: string, { key, onErasure }: SubjectRows): string | undefined {
  if (typeof onErasure === 'object' && 'keep' in onErasure) return undefined;
  // Not `= any (array …)`: behind row-level security that is compared with every row, one by one, in place of a join.
  const chosen = `${key} = $1 and ctid in (select ctid from ${table} where ${key} = $1 limit $2)`;
  const change =
    onErasure === 'delete'
      ? `delete from ${table} where ${chosen}`
      : `update ${table} set ${columnNames(onErasure.anonymise)
          .map((column) => `${column} = null`)
          .join(', ')} where ${chosen}`;
  return `with changed as (${change} returning 1), counted as (select count(*)::integer as erased from changed),
    remembered as (
      insert into erased_rows as known (erasure_id, table_name, row_count)
      select $3::uuid, $4::text, erased from counted
      on conflict (erasure_id, table_name) do update set row_count = known.row_count + excluded.row_count
    )
    select erased from counted`;
}

/** How many rows of each table an erasure has deleted or made anonymous so far. */
export async function countErased(entityManager: EntityManager, erasureId: string): Promise<Record<string, number>> {
  const rows = await sqlOf(entityManager)<{ readonly tableName: string; readonly rowCount: number }>(
    `select table_name as "tableName", row_count::float8 as "rowCount" from erased_rows where erasure_id = $1
     order by table_name`,
    [erasureId],
  );
  return Object.fromEntries(rows.map(({ tableName, rowCount }) => [tableName, rowCount]));
}
