import type { JobWithMetadata, PgBoss } from 'pg-boss';
import type { JsonObject } from '../json/index.js';

export interface WorkersOptions {
  /** How many jobs of the queue are done at once: each worker does one. */
  readonly concurrency: number;
  /** How often it is looked for jobs while there are none. */
  readonly pollingIntervalSeconds: number;
}

/** How often the other workers of a queue look on their own: once the first one is busy for long. */
const restSeconds = 5;

/**
 * Starts the workers of a queue. One of them looks for jobs as often as it is said. Whoever finds one has the next worker look,
 * too, and looks again itself when it is done: so an empty queue costs little, and what has piled up is done without a pause
 * (pg-boss would have each worker rest after each job).
 */
export async function startWorkers(
  boss: PgBoss,
  queue: string,
  { concurrency, pollingIntervalSeconds }: WorkersOptions,
  work: (job: JobWithMetadata<JsonObject>) => Promise<void>,
): Promise<void> {
  const workers: string[] = [];
  const look = (index: number): void => {
    const worker = workers[index];
    if (worker !== undefined) boss.notifyWorker(worker);
  };
  for (let index = 0; index < concurrency; index += 1) {
    const options = {
      batchSize: 1,
      includeMetadata: true as const,
      pollingIntervalSeconds: index === 0 ? pollingIntervalSeconds : Math.max(restSeconds, pollingIntervalSeconds),
    };
    const worker = await boss.work(queue, options, async (batch: JobWithMetadata<JsonObject>[]) => {
      look(index + 1);
      try {
        for (const job of batch) await work(job);
      } finally {
        look(index);
      }
    });
    workers.push(worker);
  }
}
