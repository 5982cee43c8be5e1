import type { JobWithMetadata, PgBoss, SendOptions } from 'pg-boss';
import { v7 as uuidV7 } from 'uuid';
import { StartError } from '../errors/index.js';
import type { SqlExecutor } from '../events/index.js';
import type { JsonObject } from '../json/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { createBoss, defaultJobSettings, type BossOptions, type JobSettings } from './boss.js';
import type { JobHandler, JobObserver, Jobs, SendJobOptions, WorkOptions } from './jobs.js';
import { defaultJobsSchema } from './migrate-jobs.js';
import { startWorkers } from './start-workers.js';

export interface CreateJobsOptions extends BossOptions {
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly observe?: JobObserver;
  readonly settings?: Partial<JobSettings>;
}

const stopTimeoutMs = 15_000;

/** Creates the service's {@link Jobs} over pg-boss; it connects when started. */
export function createJobs(options: CreateJobsOptions): Jobs {
  const { logger, lifecycle, observe = () => undefined, schema = defaultJobsSchema } = options;
  const settings = { ...defaultJobSettings, ...options.settings };
  const boss = createBoss(options, settings);
  const queues = new Map<string, Promise<void>>();

  const attempts = (retryLimit = 5): SendOptions => ({
    retryLimit,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: settings.expireInSeconds,
    heartbeatSeconds: settings.heartbeatSeconds,
  });

  const ensureQueue = (queue: string): Promise<void> => {
    const known = queues.get(queue);
    if (known !== undefined) return known;
    // "short": of jobs with one singleton key, only one may wait.
    const created = boss.createQueue(queue, { policy: 'short' }).catch((error: unknown) => {
      queues.delete(queue);
      throw error;
    });
    queues.set(queue, created);
    return created;
  };

  const work = async (queue: string, handler: JobHandler, workOptions: WorkOptions = {}): Promise<void> => {
    const { concurrency = 1, pollingIntervalSeconds = settings.pollingIntervalSeconds } = workOptions;
    const { givesUpOn = () => false } = workOptions;
    await ensureQueue(queue);
    await startWorkers(boss, queue, { concurrency, pollingIntervalSeconds }, (job) =>
      attempt(queue, job, { handler, givesUpOn, logger, observe }),
    );
  };

  return {
    async start(): Promise<void> {
      lifecycle.defer('jobs', () => stop(boss, logger));
      await boss.start().catch((error: unknown) => {
        throw isUnmigrated(error) ? new StartError(`Job queue: ${error.message}. Migrate the database first`) : error;
      });
    },
    async send(queue: string, payload: JsonObject, sendOptions: SendJobOptions = {}): Promise<string | undefined> {
      const { executor, startAfterSeconds, singletonKey = uuidV7(), retryLimit } = sendOptions;
      await ensureQueue(queue);
      const id = await boss.send(queue, payload, {
        ...attempts(retryLimit),
        singletonKey,
        ...(startAfterSeconds === undefined ? {} : { startAfter: startAfterSeconds }),
        ...(executor === undefined ? {} : { db: asDatabase(executor) }),
      });
      return id ?? undefined;
    },
    work,
    async recur(queue: string, cron: string, handler: JobHandler, workOptions: WorkOptions = {}): Promise<void> {
      await work(queue, handler, { pollingIntervalSeconds: settings.recurringPollingIntervalSeconds, ...workOptions });
      await boss.schedule(queue, cron, {}, { ...attempts(), tz: 'UTC' });
    },
    async forget(text, { executor, exceptQueue = '' }) {
      await executor(
        `delete from ${schema}.job
         where state <> 'active' and name <> $2 and position(lower($1) in lower(data::text)) > 0`,
        [text, exceptQueue],
      );
    },
    stop: () => stop(boss, logger),
  };
}

interface AttemptOptions {
  readonly handler: JobHandler;
  readonly givesUpOn: (error: unknown) => boolean;
  readonly logger: Logger;
  readonly observe: JobObserver;
}

async function attempt(queue: string, job: JobWithMetadata<JsonObject>, options: AttemptOptions): Promise<void> {
  const { handler, givesUpOn, logger, observe } = options;
  const startedAtMs = performance.now();
  const report = (outcome: 'completed' | 'failed'): void =>
    observe({ queue, outcome, durationSeconds: (performance.now() - startedAtMs) / 1_000 });
  try {
    await handler({ id: job.id, payload: job.data, retryCount: job.retryCount, signal: job.signal });
    report('completed');
  } catch (error) {
    const isGivenUp = givesUpOn(error);
    const isLast = isGivenUp || job.retryCount >= job.retryLimit;
    logger[isLast ? 'error' : 'warn']({ err: error, queue, jobId: job.id, retryCount: job.retryCount }, 'job failed');
    report('failed');
    // pg-boss tries again whatever is thrown.
    if (!isGivenUp) throw error;
  }
}

function asDatabase(executor: SqlExecutor) {
  return {
    async executeSql(sql: string, parameters: unknown[] = []) {
      return { rows: [...(await executor(sql, parameters))] };
    },
  };
}

/** What pg-boss says where its tables are absent, or of another version. */
function isUnmigrated(error: unknown): error is Error {
  return error instanceof Error && /not installed|requires migrations/.test(error.message);
}

async function stop(boss: PgBoss, logger: Logger): Promise<void> {
  // Its pool calls connections closed that are still saying goodbye; a database that stops next cuts those off.
  boss.removeAllListeners('error');
  boss.on('error', (error) => logger.warn({ err: error }, 'job queue failed while it stopped'));
  await boss.stop({ graceful: true, timeout: stopTimeoutMs });
}
