import { setTimeout as pause } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';

/** Where the tables of the job queue live when nobody says otherwise. */
export const defaultJobsSchema = 'jobs';

const indexBuildTimeoutMs = 10 * 60_000;

/**
 * Creates the job queue's tables or brings them to the version of this code. Run by the database's owner at deployment;
 * running services have no right to. Safe to run again and at the same time as another.
 *
 * @throws Error when a migration fails, or an index that it needs is not built within ten minutes
 */
export async function migrateJobs(ownerConnectionString: string, schema: string = defaultJobsSchema): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerConnectionString,
    schema,
    supervise: false,
    schedule: false,
    max: 2,
  });
  let failure: unknown;
  boss.on('error', (error) => (failure = error));
  try {
    await boss.start();
    // pg-boss builds large indexes in the background of the instance that migrated; leaving early would leave them out.
    const deadlineMs = performance.now() + indexBuildTimeoutMs;
    while (await isBuilding(boss)) {
      if (performance.now() > deadlineMs)
        throw new Error('Job queue indexes were not built in time', { cause: failure });
      await pause(500);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
}

async function isBuilding(boss: PgBoss): Promise<boolean> {
  const status = await boss.getBamStatus();
  return status.some((summary) => summary.status === 'pending' || summary.status === 'in_progress');
}

/**
 * The statements by which the owner lets a service's role use the job queue, tables of later versions included.
 * Run after {@link migrateJobs}, as the same role; running them again changes nothing.
 *
 * @param role a plain role name; it is quoted
 */
export function jobsGrantsSql(role: string, schema: string = defaultJobsSchema): readonly string[] {
  const [to, within] = [quote(role), quote(schema)];
  return [
    `grant usage on schema ${within} to ${to}`,
    `grant select, insert, update, delete on all tables in schema ${within} to ${to}`,
    `grant usage, select on all sequences in schema ${within} to ${to}`,
    `grant execute on all functions in schema ${within} to ${to}`,
    `alter default privileges in schema ${within} grant select, insert, update, delete on tables to ${to}`,
    `alter default privileges in schema ${within} grant usage, select on sequences to ${to}`,
    `alter default privileges in schema ${within} grant execute on functions to ${to}`,
  ];
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
