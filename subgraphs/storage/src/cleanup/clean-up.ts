import type { FilterQuery } from '@mikro-orm/core';
import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { FileEntity } from '../files/file.entity.js';
import type { ObjectStore } from '../object-store/object-store.js';
import { releaseSpace } from '../usage/quota.js';
import { lateUploadGraceMs, type ObjectRemoval } from './object-removal.js';
import { workThrough } from './work-through.js';

export interface CleanUpOptions {
  readonly store: ObjectStore;
  readonly removal: ObjectRemoval;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly now?: () => Date;
}

/** Files of one query. */
const batchSize = 200;
/** Rounds are a minute apart: what is left over when the next one comes waits for that. */
const maxRoundMs = 50_000;

/**
 * Gives up uploads that were never completed, and removes the objects of files that are gone: as many as there are, or as there is
 * time for, those first that have been due longest. Safe to run at any time and on several instances at once.
 *
 * @returns how many files were tried to be given up, and how many removals were tried
 * @throws AggregateError of what went wrong, after everything else was done: one faulty row must not stop the others
 */
export async function cleanUp(
  options: CleanUpOptions,
): Promise<{ readonly expired: number; readonly removed: number }> {
  const { store, removal, serviceScope, now = () => new Date() } = options;
  const startedMs = performance.now();
  const expiredBefore = new Date(now().getTime() - lateUploadGraceMs);
  const overdue = await workThrough({
    find: (exceptIds) =>
      findFiles(serviceScope(), 'uploadExpiresAt', exceptIds, {
        status: 'PENDING',
        uploadExpiresAt: { $lt: expiredBefore },
      }),
    batchSize,
    work: (file) => expire(serviceScope(file.tenantId), file, now()),
    // Half of the time, so that objects go also where this never ends.
    untilMs: startedMs + maxRoundMs / 2,
  });
  const removable = await workThrough({
    find: (exceptIds) => findFiles(serviceScope(), 'removalDueAt', exceptIds, { removalDueAt: { $lte: now() } }),
    batchSize,
    work: (file) => removal.attempt(file),
    untilMs: startedMs + maxRoundMs,
  });
  await store.removeAbandonedUploads(new Date(now().getTime() - 24 * 60 * 60 * 1_000));
  const failures = [...overdue.failures, ...removable.failures];
  if (failures.length > 0) throw new AggregateError(failures, 'Some files could not be cleaned up');
  return { expired: overdue.tried, removed: removable.tried };
}

/** Looks over all tenants, as the service may, for what has been due longest. */
async function findFiles(
  scope: DataScope,
  dueAt: 'uploadExpiresAt' | 'removalDueAt',
  exceptIds: readonly string[],
  where: FilterQuery<FileEntity>,
): Promise<FileEntity[]> {
  const isOther = exceptIds.length === 0 ? {} : { id: { $nin: [...exceptIds] } };
  try {
    return await scope.read((entityManager) =>
      entityManager.find(FileEntity, { $and: [where, isOther] }, { orderBy: { [dueAt]: 'asc' }, limit: batchSize }),
    );
  } finally {
    scope.close();
  }
}

/** Takes one file out of use and gives its space back, unless it has been completed or deleted in this moment. */
async function expire(scope: DataScope, file: FileEntity, now: Date): Promise<void> {
  await scope.write(async (entityManager) => {
    const changed = await sqlOf(entityManager)(
      `update file set status = 'EXPIRED', removal_due_at = $2 where id = $1 and status = 'PENDING' returning id`,
      [file.id, now],
    );
    if (changed.length === 0) return;
    await releaseSpace(entityManager, file);
  });
}
