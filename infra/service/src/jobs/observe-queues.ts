import type { SqlExecutor } from '../events/index.js';
import type { Metrics } from '../metrics/index.js';
import { defaultJobsSchema } from './migrate-jobs.js';

/** pg-boss counts them every time that it supervises its queues: here a row of each queue is read. */
const countsSql = `
  select name as queue, ready_count as waiting, active_count as active, failed_count as failed
  from ${defaultJobsSchema}.queue where name not like '\\_\\_pgboss\\_\\_%'`;

const states = ['waiting', 'active', 'failed'] as const;

type QueueRow = { readonly queue: string } & { readonly [State in (typeof states)[number]]: number };

/** Shows in `/metrics` the jobs that are due and wait for a worker, that are worked on, and that were given up. */
export function observeQueues(query: SqlExecutor, metrics: Metrics): void {
  const help = 'Jobs by queue and state, as counted at the last supervision';
  metrics.askedGauge('jobs_in_queue', help, ['queue', 'state'], async () => {
    const rows = (await query(countsSql, [])) as readonly QueueRow[];
    return rows.flatMap((row) => states.map((state) => ({ labels: { queue: row.queue, state }, value: row[state] })));
  });
}
