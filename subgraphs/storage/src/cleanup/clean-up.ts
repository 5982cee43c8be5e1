import type { FilterQuery } from '@mikro-orm/core';
import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { FileEntity } from '../files/file.entity.js';
import type { ObjectStore } from '../object-store/object-store.js';
import { releaseSpace } from '../usage/quota.js';
import { lateUploadGraceMs, type ObjectRemoval } from './object-removal.js';

export interface CleanUpOptions {
  readonly store: ObjectStore;
  readonly removal: ObjectRemoval;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly now?: () => Date;
}

/** Files of one round; what is left over waits for the next. */
const batchSize = 200;

/**
 * Gives up uploads that were never completed, and removes the objects of files that are gone. Safe to run at any time and
 * on several instances at once.
 *
 * @returns how many files were given up and how many removals were tried
 * @throws AggregateError of what went wrong, after everything else was done: one faulty row must not stop the others
 */
export async function cleanUp(
  options: CleanUpOptions,
): Promise<{ readonly expired: number; readonly removed: number }> {
  const { store, removal, serviceScope, now = () => new Date() } = options;
  const expiredBefore = new Date(now().getTime() - lateUploadGraceMs);
  const overdue = await findFiles(serviceScope(), { status: 'PENDING', uploadExpiresAt: { $lt: expiredBefore } });
  const failures: unknown[] = [];
  for (const file of overdue) {
    await expire(serviceScope(file.tenantId), file, now()).catch((error: unknown) => failures.push(error));
  }
  const removable = await findFiles(serviceScope(), { removalDueAt: { $lte: now() } });
  for (const file of removable) await removal.attempt(file);
  await store.removeAbandonedUploads(new Date(now().getTime() - 24 * 60 * 60 * 1_000));
  if (failures.length > 0) throw new AggregateError(failures, 'Some uploads could not be given up');
  return { expired: overdue.length, removed: removable.length };
}

/** Looks over all tenants, as the service may. */
async function findFiles(scope: DataScope, where: FilterQuery<FileEntity>): Promise<FileEntity[]> {
  try {
    return await scope.read((entityManager) =>
      entityManager.find(FileEntity, where, { orderBy: { id: 'asc' }, limit: batchSize }),
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
