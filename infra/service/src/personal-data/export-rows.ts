import { sqlOf, type RunSql } from '../database/index.js';
import { AppError } from '../errors/index.js';
import type { DataScope } from '../tenancy/index.js';
import { columnNames, type DataInventory } from './inventory.js';
import type { Subject } from './subject.js';

/** Rows of one page: few enough that wide ones fit into memory many times. */
const defaultPageSize = 500;

export interface ExportPageOptions {
  readonly inventory: DataInventory;
  readonly subject: Subject;
  /** Where the page before ended; null for the first. */
  readonly after: string | null;
  /** A scope that sees the subject's rows, which this closes. */
  readonly openScope: () => DataScope;
  readonly pageSize?: number;
}

/** Rows of one table, as JSON objects without secret columns. */
export interface ExportPage {
  readonly table: string;
  readonly lines: readonly string[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

interface Position {
  readonly table: string;
  /** Primary key of the last row seen, as text; null at the table's beginning. */
  readonly key: readonly string[] | null;
}

/**
 * Reads one page of what a subject takes out: table after table, by primary key, so that it costs the same wherever it goes on.
 *
 * @returns null where there is nothing to take out
 * @throws AppError `BAD_USER_INPUT` for a position that no page has given
 */
export async function readExportPage(options: ExportPageOptions): Promise<ExportPage | null> {
  const { inventory, subject, after, openScope, pageSize = defaultPageSize } = options;
  const tables = Object.keys(inventory).filter((table) => inventory[table]?.[subject.kind]?.isExported === true);
  const position = after === null ? { table: tables[0] ?? '', key: null } : decode(after);
  const index = tables.indexOf(position.table);
  if (after !== null && index < 0) throw new AppError('BAD_USER_INPUT', 'The position is of no page of this subject');
  const rows = inventory[position.table]?.[subject.kind];
  if (rows === undefined) return null;
  const { plain, personal } = inventory[position.table]?.columns ?? {};
  const columns = [...columnNames(plain), ...columnNames(personal)];
  const scope = openScope();
  const found = await scope
    .read((entityManager) =>
      readRows(sqlOf(entityManager), { position, columns, subjectColumn: rows.key, subjectId: subject.id, pageSize }),
    )
    .finally(() => scope.close());
  const last = found.at(-1);
  const isWhole = found.length < pageSize || last === undefined;
  const following = tables[index + 1];
  const next = isWhole ? following && { table: following, key: null } : { table: position.table, key: last.key };
  return { table: position.table, lines: found.map(({ line }) => line), next: next ? encode(next) : null };
}

interface ReadRows {
  readonly position: Position;
  readonly columns: readonly string[];
  readonly subjectColumn: string;
  readonly subjectId: string;
  readonly pageSize: number;
}

/** Names are the inventory's and the catalogue's own; what a caller sends is only ever a parameter. */
async function readRows(
  query: RunSql,
  { position: { table, key }, columns, subjectColumn, subjectId, pageSize }: ReadRows,
): Promise<{ readonly line: string; readonly key: readonly string[] }[]> {
  const primaryKey = await query<{ readonly name: string; readonly type: string }>(primaryKeySql, [table]);
  const names = primaryKey.map(({ name }) => name).join(', ');
  if (key !== null && key.length !== primaryKey.length) throw new AppError('BAD_USER_INPUT', 'The position is broken');
  const beyond = primaryKey.map(({ type }, index) => `$${index + 3}::text::${type}`).join(', ');
  return query(
    `select json_build_object(${columns.map((column) => `'${column}', ${column}`).join(', ')})::text as line,
       array[${primaryKey.map(({ name }) => `${name}::text`).join(', ')}] as key
     from ${table} where ${subjectColumn} = $1 ${key === null ? '' : `and (${names}) > (${beyond})`}
     order by ${names} limit $2`,
    [subjectId, pageSize, ...(key ?? [])],
  );
}

const primaryKeySql = `
  select attname as name, format_type(atttypid, atttypmod) as type
  from pg_index join pg_attribute on attrelid = indrelid and attnum = any (indkey)
  where indrelid = to_regclass($1) and indisprimary order by array_position(indkey::int2[], attnum)`;

function encode(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decode(text: string): Position {
  try {
    const { table, key } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const isKey = key === null || (Array.isArray(key) && key.every((part) => typeof part === 'string'));
    if (typeof table === 'string' && isKey) return { table, key };
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'The position is broken', { cause: error });
  }
  throw new AppError('BAD_USER_INPUT', 'The position is broken');
}
