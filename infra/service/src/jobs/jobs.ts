import type { SqlExecutor } from '../events/index.js';
import type { JsonObject } from '../json/index.js';

/** One job as its handler is given it. */
export interface Job {
  readonly id: string;
  readonly payload: JsonObject;
  /** 0 the first time. */
  readonly retryCount: number;
  /** Aborted when the job's time is over or the process stops; the job is then tried again. */
  readonly signal: AbortSignal;
}

/** Does one job. It may be called again with the same job (a worker can die after the work), so it is idempotent. */
export type JobHandler = (job: Job) => Promise<void>;

/** How one job is sent. */
export interface SendJobOptions {
  /** The caller's transaction: the job exists if, and only if, it commits. */
  readonly executor?: SqlExecutor;
  readonly startAfterSeconds?: number;
  /** While a job with this key waits in the queue, another one is not added. */
  readonly singletonKey?: string;
  /** How often a failed job is tried again, with delays that grow from a second to five minutes. Default 5: within a minute. */
  readonly retryLimit?: number;
}

/** How a queue is worked on. */
export interface WorkOptions {
  /** How many jobs of the queue this process does at once. Default 1. */
  readonly concurrency?: number;
  /** How often a worker looks for jobs of this queue; default as the settings say. */
  readonly pollingIntervalSeconds?: number;
  /** Failures after which trying again would end the same way: the job is over. Default: none. */
  readonly givesUpOn?: (error: unknown) => boolean;
}

/** Which jobs stay, and in whose transaction the others go. */
export interface ForgetJobsOptions {
  readonly executor: SqlExecutor;
  /** A queue that is left alone. */
  readonly exceptQueue?: string;
}

/** How one attempt at a job ended; for `jobs_*` metrics. */
export type JobObserver = (result: {
  readonly queue: string;
  readonly outcome: 'completed' | 'failed';
  readonly durationSeconds: number;
}) => void;

/**
 * Background work on PostgreSQL. Queues come into being when they are first named. Everything but `start` needs a
 * started instance.
 */
export interface Jobs {
  /** @throws StartError when the schema is absent or of another version: the owner role has to run `migrateJobs` first */
  start(): Promise<void>;
  /** @returns the job's id, or undefined when a job with the same singleton key waits already */
  send(queue: string, payload: JsonObject, options?: SendJobOptions): Promise<string | undefined>;
  work(queue: string, handler: JobHandler, options?: WorkOptions): Promise<void>;
  /**
   * Plans a recurring job and works on it; each turn runs once, however many instances plan it. Planning it again replaces the
   * plan. It is looked for rarely, unless the options say how often, because looking is all that it costs most of the time.
   *
   * @param cron five fields, minute first, in UTC
   */
  recur(queue: string, cron: string, handler: JobHandler, options?: WorkOptions): Promise<void>;
  /**
   * Removes jobs whose payload holds a text, in any case of letters: those that are done, which stay for a week otherwise, and
   * those that wait. One that is being worked on stays.
   */
  forget(text: string, options: ForgetJobsOptions): Promise<void>;
  /** Takes no more jobs, waits for those in hand, and closes. Idempotent. */
  stop(): Promise<void>;
}
