import type { Metrics } from '../metrics/index.js';
import type { SqlExecutor } from './sql-executor.js';

/** More are not counted: it would cost the most where the database has the most to do. */
const maxCounted = 100_000;

const waitingSql = `select count(*)::int as value from (select 1 from outbox limit ${maxCounted}) as waiting`;

/** Ids are in the order of creation, so this reads one row of the index. */
const ageSql = `
  select coalesce(extract(epoch from now() - (select created_at from outbox order by id limit 1)), 0)::float8 as value`;

/** Shows in `/metrics` what waits in the outbox to be published, and for how long. */
export function observeOutbox(query: SqlExecutor, metrics: Metrics): void {
  const read = (sql: string) => async () => {
    const [row] = (await query(sql, [])) as readonly { readonly value: number }[];
    return [{ labels: {}, value: row?.value ?? 0 }];
  };
  metrics.askedGauge(
    'outbox_events_waiting',
    `Events that wait in the outbox, ${maxCounted} at most`,
    [],
    read(waitingSql),
  );
  metrics.askedGauge('outbox_oldest_event_age_seconds', 'Age of the oldest event in the outbox', [], read(ageSql));
}
