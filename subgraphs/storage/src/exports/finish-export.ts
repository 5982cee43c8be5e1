import { sqlOf } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import type { DataScope } from '@tessera/service/tenancy';
import type { ObjectStore } from '../object-store/object-store.js';
import { archiveKey, archiveUrlLifetimeMs, type ExportEntity } from './export.entity.js';

/** Event by which it is announced that an archive can be downloaded; the user subgraph tells who asked for it. */
export const exportReadyEventType = 'export.ready';

export interface FinishExportOptions {
  readonly store: ObjectStore;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly lifetimeHours: number;
  readonly now?: () => Date;
}

/** The archive is complete: says so once, or removes it where it was given up, or whose it was has been erased, meanwhile. */
export async function finishExport(
  { store, serviceScope, lifetimeHours, now = () => new Date() }: FinishExportOptions,
  entity: ExportEntity,
  sizeBytes: number,
): Promise<void> {
  const { id, kind, subjectId, requestedBy } = entity;
  const completedAt = now();
  const expiresAt = new Date(completedAt.getTime() + lifetimeHours * 3_600_000);
  const isWanted = await serviceScope().write(async (entityManager) => {
    const query = sqlOf(entityManager);
    const finished = await query(
      `update data_export set completed_at = $2, expires_at = $3, size_bytes = $4
       where id = $1 and completed_at is null and failure is null returning 1`,
      [id, completedAt, expiresAt, sizeBytes],
    );
    if (finished.length === 0) {
      return (await query('select 1 from data_export where id = $1 and completed_at is not null', [id])).length > 0;
    }
    // Archives are not counted to the quota: of one subject one is kept, and those before it for as long as URLs of them are good.
    await query(
      `update data_export set expires_at = least(expires_at, $4)
       where kind = $1 and subject_id = $2 and id <> $3 and completed_at is not null`,
      [kind, subjectId, id, new Date(completedAt.getTime() + archiveUrlLifetimeMs)],
    );
    const ready = createDomainEvent({
      type: exportReadyEventType,
      ...(kind === 'tenant' && { tenantId: subjectId }),
      payload: {
        userId: requestedBy,
        exportId: id,
        scope: kind === 'tenant' ? 'TENANT' : 'MYSELF',
        sizeBytes,
        expiresAt: expiresAt.toISOString(),
      },
    });
    await appendToOutbox(query, [ready]);
    return true;
  });
  if (!isWanted) await store.remove(archiveKey(entity));
}
