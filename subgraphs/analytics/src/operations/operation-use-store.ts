import type { RunSql } from '@tessera/service/database';
import type { ReportWindow } from '../report-page.js';
import type { OperationUse } from '@tessera/service/operations';

/** Rows of one day: who invents clients and operations gets no more. */
const maxRowsOfDay = 20_000;
const keptDays = 400;
const other = 'other';

const recordSql = `
  with pruned as (delete from operation_use_day where day < (now() at time zone 'UTC')::date - $7::integer)
  insert into operation_use_day as known
    (day, client_name, client_version, operation_id, is_listed, operation_name, uses, last_used_at)
  select (now() at time zone 'UTC')::date, used.client_name, used.client_version, used.operation_id, used.is_listed,
         min(used.operation_name), sum(used.uses), now()
  from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::bigint[])
       as used (client_name, client_version, operation_id, is_listed, operation_name, uses)
  group by used.client_name, used.client_version, used.operation_id, used.is_listed
  order by used.client_name, used.client_version, used.operation_id, used.is_listed
  on conflict (day, client_name, client_version, operation_id, is_listed) do update
    set uses = known.uses + excluded.uses, last_used_at = excluded.last_used_at,
        operation_name = excluded.operation_name`;

/** Adds one gateway's report to today's counters. Call it once a report. */
export async function recordOperationUses(query: RunSql, uses: readonly OperationUse[]): Promise<void> {
  const [today] = await query<{ readonly rows: number }>(
    `select count(*)::integer as rows from operation_use_day where day = (now() at time zone 'UTC')::date`,
  );
  const isFull = (today?.rows ?? 0) + uses.length > maxRowsOfDay;
  const counted = isFull ? uses.map(withoutNames) : uses;
  await query(recordSql, [
    counted.map(({ clientName }) => clientName),
    counted.map(({ clientVersion }) => clientVersion),
    counted.map(({ operationId }) => operationId),
    counted.map(({ isListed }) => isListed),
    counted.map(({ operationName }) => operationName),
    counted.map((use) => use.uses),
    keptDays,
  ]);
}

function withoutNames({ isListed, uses }: OperationUse): OperationUse {
  const names = { clientName: other, clientVersion: other, operationId: other, operationName: other };
  return { ...names, isListed, uses };
}

export interface OperationUsageFilter {
  readonly clientName: string | null;
  readonly clientVersion: string | null;
  readonly isListed: boolean | null;
  readonly days: number;
}

/** What one version of a client used, summed over days. */
export interface OperationUsageRow {
  readonly client_name: string;
  readonly client_version: string;
  readonly operation_id: string;
  readonly is_listed: boolean;
  readonly operation_name: string;
  readonly uses: number;
  /** Since the epoch. */
  readonly last_used_seconds: number;
}

const whereSql = `
  where day > (now() at time zone 'UTC')::date - $1::integer
    and ($2::text is null or client_name = $2) and ($3::text is null or client_version = $3)
    and ($4::boolean is null or is_listed = $4)`;

/** Reads one page in the order of client, version, operation. @param after the key of the last row of the page before */
export async function readOperationUsage(
  query: RunSql,
  { days, clientName, clientVersion, isListed }: OperationUsageFilter,
  { limit, after }: ReportWindow,
): Promise<readonly OperationUsageRow[]> {
  return query<OperationUsageRow>(
    `select client_name, client_version, operation_id, is_listed, max(operation_name) as operation_name,
            sum(uses)::float8 as uses, extract(epoch from max(last_used_at))::float8 as last_used_seconds
     from operation_use_day ${whereSql}
       and ($5::text[] is null
            or (client_name, client_version, operation_id, is_listed::text)
               > (($5::text[])[1], ($5::text[])[2], ($5::text[])[3], ($5::text[])[4]))
     group by client_name, client_version, operation_id, is_listed
     order by client_name, client_version, operation_id, is_listed::text
     limit $6`,
    [days, clientName, clientVersion, isListed, after === undefined ? null : [...after], limit],
  );
}

/** Counts the rows of all pages. */
export async function countOperationUsage(
  query: RunSql,
  { days, clientName, clientVersion, isListed }: OperationUsageFilter,
): Promise<number> {
  const [total] = await query<{ readonly rows: number }>(
    `select count(*)::integer as rows
     from (select 1 from operation_use_day ${whereSql}
           group by client_name, client_version, operation_id, is_listed) as used`,
    [days, clientName, clientVersion, isListed],
  );
  return total?.rows ?? 0;
}
