import { sqlOf, type EntityManager } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import { workThrough } from '../cleanup/work-through.js';
import type { ObjectStore } from '../object-store/object-store.js';
import { archiveKey, ExportEntity } from './export.entity.js';
import { giveUpExport, type GiveUpExportOptions } from './give-up-export.js';
import { runExport, type RunExportOptions } from './run-export.js';

const queue = 'export-data';
const expiryQueue = 'remove-exports';
const everyHour = '23 * * * *';
/** It ends when it is complete or given up, whatever happens on the way. */
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
      // An attempt whose time is over, or whose process stops, is no failure.
      if (signal.aborted || !(await giveUpExport(options, entity, error))) throw error;
    }
  });
  await jobs.recur(expiryQueue, everyHour, () => removeExpired(options, options.store));
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
