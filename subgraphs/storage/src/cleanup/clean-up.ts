import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import type { ObjectStore } from '../object-store/object-store.js';
import { releaseSpace } from '../usage/quota.js';
import { lateUploadGraceMs, type ObjectRemoval, type RemovableFile } from './object-removal.js';

export interface CleanUpOptions {
  readonly store: ObjectStore;
  readonly removal: ObjectRemoval;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly now?: () => Date;
}

interface FileRow {
  readonly id: string;
  readonly tenant_id: string;
  readonly size_bytes: string;
  readonly upload_expires_at: Date;
}

/** Files of one round; what is left over waits for the next. */
const batchSize = 200;

const columns = 'id, tenant_id, size_bytes, upload_expires_at';

/**
 * Gives up uploads that were never completed, and removes the objects of files that are gone. Safe to run at any time and
 * on several instances at once.
 *
 * @returns how many files were given up and how many removals were tried
 */
export async function cleanUp(
  options: CleanUpOptions,
): Promise<{ readonly expired: number; readonly removed: number }> {
  const { store, removal, serviceScope, now = () => new Date() } = options;
  const overdue = await findFiles(
    serviceScope(),
    `select ${columns} from file where status = 'PENDING' and upload_expires_at < $1 order by upload_expires_at limit $2`,
    new Date(now().getTime() - lateUploadGraceMs),
  );
  for (const file of overdue) await expire(serviceScope(file.tenant_id), file, now());
  const removable = await findFiles(
    serviceScope(),
    `select ${columns} from file where removal_due_at <= $1 order by removal_due_at limit $2`,
    now(),
  );
  for (const file of removable) await removal.attempt(toRemovable(file));
  await store.removeAbandonedUploads(new Date(now().getTime() - 24 * 60 * 60 * 1_000));
  return { expired: overdue.length, removed: removable.length };
}

/** Looks over all tenants, as the service may. */
async function findFiles(scope: DataScope, sql: string, before: Date): Promise<FileRow[]> {
  try {
    return await scope.read((entityManager) => sqlOf(entityManager)<FileRow>(sql, [before, batchSize]));
  } finally {
    await scope.close();
  }
}

/** Takes one file out of use and gives its space back, unless it has been completed or deleted in this moment. */
async function expire(scope: DataScope, file: FileRow, now: Date): Promise<void> {
  await scope.write(async (entityManager) => {
    const changed = await sqlOf(entityManager)(
      `update file set status = 'EXPIRED', removal_due_at = $2 where id = $1 and status = 'PENDING' returning id`,
      [file.id, now],
    );
    if (changed.length === 0) return;
    await releaseSpace(entityManager, { tenantId: file.tenant_id, sizeBytes: Number(file.size_bytes) });
  });
}

function toRemovable(file: FileRow): RemovableFile {
  return { id: file.id, tenantId: file.tenant_id, uploadExpiresAt: file.upload_expires_at };
}
