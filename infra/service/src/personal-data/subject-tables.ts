import { createPolicy, enableRowSecurity, isService } from '../tenancy/index.js';
import type { DataInventory } from './inventory.js';

/**
 * Tables by which a subgraph erases: how much of an erasure is done (counted in the transaction that deletes, so that it is
 * right whatever is interrupted), and whose data is on legal hold. For one migration of every subgraph.
 */
export const subjectTablesSql: readonly string[] = [
  `create table erased_rows (
    erasure_id uuid not null,
    table_name text not null,
    row_count bigint not null,
    primary key (erasure_id, table_name)
  )`,
  `create table held_subject (
    kind text not null,
    subject_id uuid not null,
    is_held boolean not null,
    changed_at timestamptz not null,
    primary key (kind, subject_id)
  )`,
  ...['erased_rows', 'held_subject'].flatMap((table) => [
    ...enableRowSecurity(table),
    createPolicy({ table, using: isService }),
  ]),
];

/** What these tables hold themselves. */
export const subjectInventory: DataInventory = {
  erased_rows: { columns: { plain: 'erasure_id table_name row_count' } },
  held_subject: {
    columns: { plain: 'kind is_held changed_at', personal: 'subject_id' },
    unreachable: 'an id, for as long as the law forbids to erase what it leads to',
  },
};

/** SQL condition: the tenant in this column is not on legal hold, so that what is old of it may go. */
export const isTenantFree = (column = 'tenant_id'): string =>
  `not exists (select 1 from held_subject where kind = 'tenant' and subject_id = ${column} and is_held)`;
