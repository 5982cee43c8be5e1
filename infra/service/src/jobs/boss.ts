import { PgBoss } from 'pg-boss';
import type { Logger } from '../logging/index.js';
import { defaultJobsSchema } from './migrate-jobs.js';

/** Times of the job queue; the defaults suit production, tests shorten them. */
export interface JobSettings {
  /** How often a worker looks for jobs. Default 1; at least 0.5. */
  readonly pollingIntervalSeconds: number;
  /** How often a worker looks for recurring jobs, which are in no hurry. Default 30; at least 0.5. */
  readonly recurringPollingIntervalSeconds: number;
  /** How often jobs of dead workers are looked for, and old ones removed. Default 30. */
  readonly superviseIntervalSeconds: number;
  /** How often it is checked which recurring jobs are due. Default 15; at most 45. */
  readonly cronIntervalSeconds: number;
  /** How long one attempt at a job may take. Default 900. */
  readonly expireInSeconds: number;
  /** A job whose worker gave no sign of life for so long is tried again. Default 60; at least 10. */
  readonly heartbeatSeconds: number;
}

export const defaultJobSettings: JobSettings = {
  pollingIntervalSeconds: 1,
  recurringPollingIntervalSeconds: 30,
  superviseIntervalSeconds: 30,
  cronIntervalSeconds: 15,
  expireInSeconds: 900,
  heartbeatSeconds: 60,
};

/** How the job queue reaches its database. */
export interface BossOptions {
  /** As the service's own role, which owns nothing: see `jobsGrantsSql`. */
  readonly connectionString: string;
  readonly logger: Logger;
  /** Default `jobs`. */
  readonly schema?: string;
  /** The most database connections of this instance. Default 4. */
  readonly maxConnections?: number;
}

/** Sets pg-boss up for a role that owns nothing; it connects when started. */
export function createBoss(options: BossOptions, settings: JobSettings): PgBoss {
  const { connectionString, logger, schema = defaultJobsSchema, maxConnections = 4 } = options;
  const { superviseIntervalSeconds, cronIntervalSeconds } = settings;
  const boss = new PgBoss({
    connectionString,
    schema,
    max: maxConnections,
    application_name: 'tessera jobs',
    connectionTimeoutMillis: 5_000,
    // The service's role owns nothing: tables are made, and their indexes rebuilt, by the owner.
    migrate: false,
    createSchema: false,
    reindex: false,
    superviseIntervalSeconds,
    monitorIntervalSeconds: superviseIntervalSeconds,
    cronMonitorIntervalSeconds: cronIntervalSeconds,
    cronWorkerIntervalSeconds: Math.min(cronIntervalSeconds, 5),
  });
  boss.on('error', (error) => logger.error({ err: error }, 'job queue failed'));
  boss.on('warning', ({ message, data }) => logger.warn({ data }, message));
  return boss;
}
