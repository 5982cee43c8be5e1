import { z } from 'zod';
import { booleanField, countField, databaseUrlField, millisecondsField, portField, secretsField } from './fields.js';
import { tracingFields } from './tracing-fields.js';

/** What every service reads, whatever else it reads. */
export const serviceFields = {
  HOST: z.string().default('0.0.0.0'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** Where `/metrics` is served; never exposed outside the cluster. */
  INTERNAL_PORT: portField.optional(),
  /** How long a stopping service answers with "not ready" before it stops taking requests. */
  DRAIN_DELAY_MS: z.coerce.number().int().nonnegative().default(2_000),
  /** How long requests in flight may take after that. */
  SHUTDOWN_TIMEOUT_MS: millisecondsField.default(20_000),
  REDIS_URL: z.string().optional(),
  ...tracingFields,
  /** Keys of the signature on principals: the first signs, any verifies. */
  PRINCIPAL_SECRET: secretsField,
};

/** What every subgraph reads beside {@link serviceFields}. */
export const subgraphFields = {
  ...serviceFields,
  DATABASE_URL: databaseUrlField,
  /** How long a service that starts waits for migrations of its version that its database lacks. */
  DATABASE_MIGRATION_WAIT_MS: countField.default(30_000),
  DATABASE_POOL_MAX: z.coerce.number().int().positive().default(20),
  /** After how long without a sign of life a process's background jobs are given to another one. */
  JOB_HEARTBEAT_SECONDS: z.coerce.number().int().min(10).max(3_600).default(60),
  /** How often it is looked for recurring jobs that are due: some are every minute. */
  RECURRING_JOB_POLL_SECONDS: z.coerce.number().min(0.5).max(60).default(30),
  /** Streaming standbys for reads that may be stale: connection strings, parted by commas. */
  DATABASE_REPLICA_URL: z
    .string()
    .default('')
    .transform((urls) => urls.split(',').flatMap((url) => url.trim() || []))
    .pipe(z.array(databaseUrlField)),
  /** A standby that is further behind is not read from. */
  DATABASE_REPLICA_MAX_LAG_MS: millisecondsField.default(10_000),
  /** After so long without an answer of a standby the primary is asked. */
  DATABASE_REPLICA_TIMEOUT_MS: millisecondsField.default(5_000),
  /** Notes who writes, for other instances that read from standbys; always on where this one does. */
  DATABASE_NOTE_WRITES: booleanField.default(false),
  /** How long it is remembered which events were consumed; longer than any event can be delivered again. */
  CONSUMED_EVENT_DAYS: z.coerce.number().int().min(7).max(3_650).default(30),
  /** Requests under way, whatever the load; others wait for their turn. */
  MAX_CONCURRENT_REQUESTS: z.coerce.number().int().positive().default(200),
  /** The longest that a request waits for its turn; who would wait longer is sent away at once. */
  MAX_QUEUE_MS: millisecondsField.default(2_000),
};
