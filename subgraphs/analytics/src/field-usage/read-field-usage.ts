import type { RunSql } from '@tessera/service/database';
import type { ReportWindow } from '../report-page.js';

export interface FieldUsageFilter {
  /** Only operations that need all of these; null: all operations. */
  readonly coordinates: readonly string[] | null;
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly days: number;
}

/** What one version of a client used one operation for, summed over days. */
export interface FieldUsageRow {
  readonly client_name: string;
  readonly client_version: string;
  readonly operation_key: string;
  readonly operation_id: string;
  readonly operation_name: string;
  readonly coordinates: readonly string[];
  readonly uses: number;
  /** Since the epoch. */
  readonly last_used_seconds: number;
}

const fromSql = `
  from field_use_day as used left join used_operation as operation on operation.key = used.operation_key
  where used.day > (now() at time zone 'UTC')::date - $1::integer
    and ($2::text is null or used.client_name = $2) and ($3::text is null or used.client_version = $3)
    and ($4::text[] is null or operation.coordinates @> $4)`;

const parametersOf = ({ days, clientName, clientVersion, coordinates }: FieldUsageFilter): unknown[] => [
  days,
  clientName,
  clientVersion,
  coordinates,
];

/** Reads one page in the order of client, version, operation. @param after the key of the last row of the page before */
export async function readFieldUsage(
  query: RunSql,
  filter: FieldUsageFilter,
  { limit, after }: ReportWindow,
): Promise<readonly FieldUsageRow[]> {
  return query<FieldUsageRow>(
    `select used.client_name, used.client_version, used.operation_key,
            coalesce(operation.operation_id, 'unknown') as operation_id,
            coalesce(operation.operation_name, 'unknown') as operation_name,
            coalesce(operation.coordinates, '{}') as coordinates,
            sum(used.uses)::float8 as uses, extract(epoch from max(used.last_used_at))::float8 as last_used_seconds
     ${fromSql}
       and ($5::text[] is null
            or (used.client_name, used.client_version, used.operation_key)
               > (($5::text[])[1], ($5::text[])[2], ($5::text[])[3]))
     group by used.client_name, used.client_version, used.operation_key, operation.key
     order by used.client_name, used.client_version, used.operation_key
     limit $6`,
    [...parametersOf(filter), after === undefined ? null : [...after], limit],
  );
}

/** Counts the rows of all pages. */
export async function countFieldUsage(query: RunSql, filter: FieldUsageFilter): Promise<number> {
  const [total] = await query<{ readonly rows: number }>(
    `select count(*)::integer as rows
     from (select 1 ${fromSql} group by used.client_name, used.client_version, used.operation_key) as used`,
    parametersOf(filter),
  );
  return total?.rows ?? 0;
}
