import { sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { Jobs } from '@tessera/service/jobs';
import { workThrough } from '../cleanup/work-through.js';
import type { ObjectStore } from '../object-store/object-store.js';
import { archiveKey, ExportEntity } from './export.entity.js';
import { giveUpExport, type GiveUpExportOptions } from './give-up-export.js';
import { runExport, type RunExportOptions } from './run-export.js';

const queue = 'export-data';
const expiryQueue = 'remove-exports';
const everyHour = '23 * * * *';
/** Each may wait five minutes: that is longer than it takes until an export is given up. */
const retryLimit = 1_000;
const batchSize = 100;
/** Well below what an attempt at a job may take. */
const maxRemovalMs = 5 * 60_000;

export interface ExportJobsOptions extends RunExportOptions, Pick<GiveUpExportOptions, 'giveUpHours'> {}

/** @returns what plans the work on an export, in the transaction that makes it */
export function planExports(jobs: Jobs) {
  return async (entityManager: EntityManager, exportId: string): Promise<void> => {
    await jobs.send(queue, { exportId }, { executor: sqlOf(entityManager), singletonKey: exportId, retryLimit });
  };
}

/** Works on exports, and removes those whose time is over. */
export async function registerExportJobs(
  jobs: Pick<Jobs, 'work' | 'recur'>,
  options: ExportJobsOptions,
): Promise<void> {
  await jobs.work(queue, async ({ payload, signal }) => {
    const entity = await read(options, (entityManager) =>
      entityManager.findOne(ExportEntity, { id: String(payload['exportId']), completedAt: null, failure: null }),
    );
    if (entity === null) return;
    try {
      await runExport(options, entity, signal);
    } catch (error) {
      // A file that is too large for the time of an attempt would end each of them.
      const reason = signal.aborted ? outOfTime('An attempt takes longer than it may', error) : error;
      if (!(await giveUpExport(options, entity, reason))) throw error;
    }
  });
  await jobs.recur(expiryQueue, everyHour, async () => {
    await giveUpForgotten(options);
    await removeExpired(options, options.store);
  });
}

/** Ends exports that no attempt has ended, though it was time long ago: nobody tries them any more. */
async function giveUpForgotten(options: ExportJobsOptions): Promise<void> {
  const { now = () => new Date(), giveUpHours } = options;
  const forgottenSince = new Date(now().getTime() - 2 * giveUpHours * 3_600_000);
  const forgotten = await read(options, (entityManager) =>
    entityManager.find(
      ExportEntity,
      { completedAt: null, failure: null, movedAt: { $lt: forgottenSince } },
      { orderBy: { movedAt: 'asc' }, limit: batchSize },
    ),
  );
  for (const entity of forgotten) await giveUpExport(options, entity, outOfTime('Nobody goes on with it'));
}

function outOfTime(message: string, cause?: unknown): AppError {
  return new AppError('SUBGRAPH_TIMEOUT', message, { cause });
}

/**
 * Removes archives whose time is over, those first whose time was over first.
 *
 * @throws AggregateError of what went wrong, after all others are gone
 */
async function removeExpired(options: RunExportOptions, store: ObjectStore): Promise<void> {
  const { now = () => new Date(), serviceScope } = options;
  const { failures } = await workThrough({
    find: (exceptIds) =>
      read(options, (entityManager) =>
        entityManager.find(
          ExportEntity,
          { expiresAt: { $lte: now() }, ...(exceptIds.length > 0 && { id: { $nin: [...exceptIds] } }) },
          { orderBy: { expiresAt: 'asc' }, limit: batchSize },
        ),
      ),
    batchSize,
    work: async (entity) => {
      await store.remove(archiveKey(entity));
      if (entity.failure !== null) await store.discardAppended(archiveKey(entity));
      await serviceScope().write((entityManager) => entityManager.nativeDelete(ExportEntity, { id: entity.id }));
    },
    untilMs: performance.now() + maxRemovalMs,
  });
  if (failures.length > 0) throw new AggregateError(failures, 'Some archives could not be removed');
}

async function read<T>({ serviceScope }: RunExportOptions, work: (entityManager: EntityManager) => Promise<T>) {
  const scope = serviceScope();
  return scope.read(work).finally(() => scope.close());
}
