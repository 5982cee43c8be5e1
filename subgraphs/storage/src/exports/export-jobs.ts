import { sqlOf, type EntityManager } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { ObjectStore } from '../object-store/object-store.js';
import { archiveKey, ExportEntity } from './export.entity.js';
import { runExport, type RunExportOptions } from './run-export.js';

const queue = 'export-data';
const expiryQueue = 'remove-exports';
const everyHour = '23 * * * *';
/** Services and the store may be away for a day. */
const retryLimit = 1_000;
const batchSize = 100;

/** @returns what plans the work on an export, in the transaction that makes it */
export function planExports(jobs: Jobs) {
  return async (entityManager: EntityManager, exportId: string): Promise<void> => {
    await jobs.send(queue, { exportId }, { executor: sqlOf(entityManager), singletonKey: exportId, retryLimit });
  };
}

/** Works on exports, and removes archives whose time is over. */
export async function registerExportJobs(jobs: Jobs, options: RunExportOptions): Promise<void> {
  await jobs.work(queue, async ({ payload, signal }) => {
    const entity = await read(options, (entityManager) =>
      entityManager.findOne(ExportEntity, { id: String(payload['exportId']), completedAt: null }),
    );
    if (entity !== null) await runExport(options, entity, signal);
  });
  await jobs.recur(expiryQueue, everyHour, () => removeExpired(options, options.store));
}

async function removeExpired(options: RunExportOptions, store: ObjectStore): Promise<void> {
  const { now = () => new Date(), serviceScope } = options;
  const expired = await read(options, (entityManager) =>
    entityManager.find(ExportEntity, { expiresAt: { $lte: now() } }, { limit: batchSize }),
  );
  for (const entity of expired) {
    await store.remove(archiveKey(entity));
    await serviceScope().write((entityManager) => entityManager.nativeDelete(ExportEntity, { id: entity.id }));
  }
}

async function read<T>({ serviceScope }: RunExportOptions, work: (entityManager: EntityManager) => Promise<T>) {
  const scope = serviceScope();
  return scope.read(work).finally(() => scope.close());
}
