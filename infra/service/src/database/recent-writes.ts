import { Preliminary } from './preliminary.js';
import type { RunSql } from './sql.js';

/**
 * The table of who wrote lately, for a migration of every subgraph. A row commits, and is replicated, with what was written: a
 * standby that shows the row shows the write. Only the service itself reads it, so it carries no policy.
 */
export const recentWritesSql: readonly string[] = [
  `create table recent_write (
    writer_id uuid not null,
    made_at timestamptz not null default clock_timestamp(),
    transaction xid8 not null default pg_current_xact_id(),
    primary key (writer_id, made_at, transaction)
  )`,
];

/**
 * How much longer than the greatest lag a write is asked for: it may commit that long after its row was made, for a
 * transaction of a service is ended after 60 s without a statement.
 */
const slowestCommitMs = 120_000;
/** How long rows are kept: far longer than anybody asks for them. */
const keptMs = 3_600_000;
/** Who has so many young writes is not asked after each of them. */
const maxCheckedWrites = 20;

/** What a standby must have replayed to be read from, as the primary saw it a moment ago. */
export interface ReplayGoal {
  readonly writerId: string;
  /** Their transactions, as PostgreSQL writes an array of them. */
  readonly transactions: string;
  /** Where the primary's log ended, as `pg_lsn`. */
  readonly position: string;
  /** The primary's clock. */
  readonly at: string;
  readonly maxLagMs: number;
}

interface OwnWritesRow {
  readonly transactions: string;
  readonly count: number;
  readonly position: string;
  readonly at: string;
}

/** Notes, in the transaction of a write, whose it is. */
export async function noteWrite(run: RunSql, writerId: string): Promise<void> {
  await run('insert into recent_write (writer_id) values ($1)', [writerId]);
}

/**
 * Asks the primary what of a caller's own a standby must show.
 *
 * @param maxLagMs how far a standby may be behind the primary otherwise, in milliseconds
 * @returns undefined for one who writes so much that only the primary will do
 */
export async function readReplayGoal(run: RunSql, writerId: string, maxLagMs: number): Promise<ReplayGoal | undefined> {
  const [row] = await run<OwnWritesRow>(
    `select coalesce(array_agg(transaction), '{}')::text as transactions, count(*)::int as count,
            pg_current_wal_flush_lsn()::text as position, clock_timestamp()::text as at
     from (select transaction from recent_write
           where writer_id = $1 and made_at > clock_timestamp() - $2 * interval '1 ms'
           order by made_at desc limit $3) as own`,
    [writerId, maxLagMs + slowestCommitMs, maxCheckedWrites],
  );
  if (row === undefined || row.count >= maxCheckedWrites) return undefined;
  const { transactions, position, at } = row;
  return { writerId, transactions, position, at, maxLagMs };
}

/**
 * A statement that fails on a server which has not replayed enough, before what follows it is begun. Its error, of a word that
 * is no number, is how plain SQL raises one.
 */
export function replayed({ writerId, transactions, position, at, maxLagMs }: ReplayGoal): Preliminary {
  return new Preliminary(
    `select where (case
      when not pg_is_in_recovery() then 'not a standby'
      when exists (
        select from unnest($4::xid8[]) as own (transaction)
        where not exists (select from recent_write as shown
                          where shown.writer_id = $5::uuid and shown.transaction = own.transaction)
      ) then 'without an own write'
      when pg_last_wal_replay_lsn() >= $1::pg_lsn then '0'
      when coalesce(pg_last_xact_replay_timestamp() < $2::timestamptz - $3::float8 * interval '1 ms', true) then 'lagging'
      else '0' end)::int is null`,
    [position, at, String(maxLagMs), transactions, writerId],
  );
}

/**
 * Forgets writes of long ago; repeated until fewer are forgotten than may be at once.
 *
 * @returns how many were forgotten
 */
export async function pruneRecentWrites(run: RunSql, maxCount: number): Promise<number> {
  const rows = await run(
    `delete from recent_write where ctid = any (array(
       select ctid from recent_write where made_at < clock_timestamp() - $1 * interval '1 ms' limit $2
     )) returning 1`,
    [keptMs, maxCount],
  );
  return rows.length;
}
