import { sqlOf } from '../database/index.js';
import type { DataScope } from '../tenancy/index.js';
import type { DataInventory } from './inventory.js';
import type { Subject } from './subject.js';

export interface CountExportRowsOptions {
  readonly inventory: DataInventory;
  readonly subject: Subject;
  /** A scope that sees the subject's rows, which this closes. */
  readonly openScope: () => DataScope;
}

/** How many rows a subject would take out now, by table: for who shows how far an export is. */
export async function countExportRows(options: CountExportRowsOptions): Promise<Record<string, number>> {
  const { inventory, subject, openScope } = options;
  const counts: Record<string, number> = {};
  const scope = openScope();
  try {
    for (const [table, entry] of Object.entries(inventory)) {
      const rows = entry[subject.kind];
      if (rows?.isExported !== true) continue;
      // Names are the inventory's own.
      const statement = `select count(*)::float8 as count from ${table} where ${rows.key} = $1`;
      const [found] = await scope.read((entityManager) =>
        sqlOf(entityManager)<{ readonly count: number }>(statement, [subject.id]),
      );
      counts[table] = found?.count ?? 0;
    }
    return counts;
  } finally {
    scope.close();
  }
}
