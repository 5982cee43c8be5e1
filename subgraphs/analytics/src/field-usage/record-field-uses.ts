import type { RunSql } from '@tessera/service/database';
import { otherUses, type FieldUse, type FieldUses, type UsedOperation } from '@tessera/service/operations';

/** How much is kept: who invents clients and operations gets no more. */
export interface FieldUseBounds {
  /** Days that uses are kept. */
  readonly retentionDays: number;
  readonly maxRowsOfDay: number;
  readonly maxOperations: number;
}

/** Coordinates of `other` are added up: it is all that was used by operations which had no room. */
const describeSql = `
  insert into used_operation as known (key, operation_id, operation_name, coordinates, described_at)
  values ($1, $2, $3, $4::text[], now())
  on conflict (key) do update set described_at = now(),
    coordinates = case when known.key <> '${otherUses}' then known.coordinates
      else array(select distinct unnest(known.coordinates || excluded.coordinates)) end`;

const recordSql = `
  insert into field_use_day as known (day, client_name, client_version, operation_key, uses, last_used_at)
  select ($1::timestamptz at time zone 'UTC')::date, used.client_name, used.client_version, used.key,
         sum(used.uses), $1::timestamptz
  from unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) as used (client_name, client_version, key, uses)
  group by used.client_name, used.client_version, used.key
  order by used.client_name, used.client_version, used.key
  on conflict (day, client_name, client_version, operation_key) do update
    set uses = known.uses + excluded.uses, last_used_at = greatest(known.last_used_at, excluded.last_used_at)`;

/** A day's rows go a few at a time, with the reports that come in. */
const pruneUsesSql = `
  delete from field_use_day where ctid = any(array(
    select ctid from field_use_day where day < (now() at time zone 'UTC')::date - $1::integer limit 1000))`;
const pruneOperationsSql = `
  delete from used_operation where key = any(array(
    select key from used_operation as known
    where described_at < now() - make_interval(days => $1)
      and not exists (select 1 from field_use_day where operation_key = known.key)
    limit 100))`;

/** Adds one gateway's report to the counters of its day. Call it once a report. @param at when it was made */
export async function recordFieldUses(
  query: RunSql,
  report: FieldUses,
  at: Date,
  bounds: FieldUseBounds,
): Promise<void> {
  const { operations, uses } = await fitOperations(query, report, bounds.maxOperations);
  // In one order everywhere, so that two reports never wait for each other.
  for (const operation of [...operations].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    await query(describeSql, [operation.key, operation.operationId, operation.operationName, operation.coordinates]);
  }
  const counted = await fitClients(query, uses, at, bounds.maxRowsOfDay);
  await query(recordSql, [
    at.toISOString(),
    counted.map(({ clientName }) => clientName),
    counted.map(({ clientVersion }) => clientVersion),
    counted.map(({ key }) => key),
    counted.map((use) => use.uses),
  ]);
  await query(pruneUsesSql, [bounds.retentionDays]);
  await query(pruneOperationsSql, [bounds.retentionDays]);
}

/** Where no more operations can be kept, those that are not known yet become one. */
async function fitOperations(
  query: RunSql,
  { operations, uses }: FieldUses,
  maxOperations: number,
): Promise<FieldUses> {
  const [kept] = await query<{ readonly rows: number }>('select count(*)::integer as rows from used_operation');
  if ((kept?.rows ?? 0) + operations.length <= maxOperations) return { operations, uses };
  const keys = [...new Set([...operations, ...uses].map(({ key }) => key))];
  const rows = await query<{ readonly key: string }>('select key from used_operation where key = any($1)', [keys]);
  const known = new Set(rows.map(({ key }) => key));
  const unknown = operations.filter(({ key }) => !known.has(key));
  const other: UsedOperation = {
    key: otherUses,
    operationId: otherUses,
    operationName: otherUses,
    coordinates: [...new Set(unknown.flatMap(({ coordinates }) => coordinates))],
  };
  return {
    operations: [...operations.filter(({ key }) => known.has(key) && key !== otherUses), other],
    uses: uses.map((use) => (known.has(use.key) ? use : { ...use, key: otherUses })),
  };
}

/** Where a day has too many clients already, the rest is counted without their names. */
async function fitClients(
  query: RunSql,
  uses: readonly FieldUse[],
  at: Date,
  maxRowsOfDay: number,
): Promise<readonly FieldUse[]> {
  const [ofDay] = await query<{ readonly rows: number }>(
    `select count(*)::integer as rows from field_use_day where day = ($1::timestamptz at time zone 'UTC')::date`,
    [at.toISOString()],
  );
  if ((ofDay?.rows ?? 0) + uses.length <= maxRowsOfDay) return uses;
  return uses.map((use) => ({ ...use, clientName: otherUses, clientVersion: otherUses }));
}
