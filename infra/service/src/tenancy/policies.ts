/** SQL expressions that read the caller of the current transaction; NULL where nobody set one, so nothing matches. */
const tenantOfTransaction = `(select nullif(current_setting('app.tenant_id', true), '')::uuid)`;
const userOfTransaction = `(select nullif(current_setting('app.user_id', true), '')::uuid)`;
const isServiceOfTransaction = `(select current_setting('app.service', true) = 'on')`;

/**
 * SQL condition: the row's tenant is the caller's active one. The subselect lets PostgreSQL evaluate the setting once per
 * statement instead of once per row.
 */
export const isOwnTenant = (column = 'tenant_id'): string => `${column} = ${tenantOfTransaction}`;

/** SQL condition: the row belongs to the caller as a person. */
export const isOwnUser = (column = 'user_id'): string => `${column} = ${userOfTransaction}`;

/** SQL condition: a service acts by itself (a job, an event), not for a caller. */
export const isService = isServiceOfTransaction;

export interface RowPolicy {
  readonly table: string;
  /** Which rows may be seen, and with what rows may be written. */
  readonly using: string;
  /** Which rows may be written, where that differs from what may be seen. */
  readonly check?: string;
  readonly name?: string;
  readonly command?: 'all' | 'select' | 'insert' | 'update' | 'delete';
}

/** Statements that put one table behind row-level security, also for its owner. */
export function enableRowSecurity(table: string): string[] {
  return [`alter table ${table} enable row level security`, `alter table ${table} force row level security`];
}

/** One policy; several policies of a table and command add up. */
export function createPolicy({ table, using, check, name = 'access', command = 'all' }: RowPolicy): string {
  const head = `create policy ${name} on ${table} for ${command}`;
  if (command === 'insert') return `${head} with check (${check ?? using})`;
  if (command === 'select' || command === 'delete') return `${head} using (${using})`;
  return `${head} using (${using}) with check (${check ?? using})`;
}

/** The wall around a table whose rows belong to a tenant: only the active tenant's rows exist, for reading and writing. */
export function tenantOwned(table: string): string[] {
  return [...enableRowSecurity(table), createPolicy({ table, using: isOwnTenant() })];
}
