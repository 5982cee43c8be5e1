import { sqlOf } from '@tessera/service/database';
import { toAppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import type { ObjectStore } from '../object-store/object-store.js';
import type { AnnounceExport } from './export-news.js';
import { archiveKey, type ExportEntity, type ExportFailure } from './export.entity.js';

export interface GiveUpExportOptions {
  readonly store: Pick<ObjectStore, 'discardAppended'>;
  readonly serviceScope: () => DataScope;
  readonly logger: Logger;
  readonly announce: AnnounceExport;
  /** How long an export may come no further. */
  readonly giveUpHours: number;
  readonly lifetimeHours: number;
  readonly now?: () => Date;
}

/**
 * Ends an export that has come no further for too long, for the reason for which its last attempt failed: it can be asked for again.
 *
 * @returns whether it is over; otherwise it is to be tried again
 */
export async function giveUpExport(
  { store, serviceScope, logger, announce, giveUpHours, lifetimeHours, now = () => new Date() }: GiveUpExportOptions,
  entity: ExportEntity,
  error: unknown,
): Promise<boolean> {
  const { id } = entity;
  const [stuckSince, expiresAt] = [hoursFrom(now(), -giveUpHours), hoursFrom(now(), lifetimeHours)];
  const ended = await serviceScope().write((entityManager) =>
    // Whoever may still be at it keeps nothing any more.
    sqlOf(entityManager)(
      `update data_export set failure = $2::jsonb, expires_at = $3, position = position || '{"attempt": null}'
       where id = $1 and completed_at is null and failure is null and moved_at < $4 returning 1`,
      [id, JSON.stringify(failureOf(error)), expiresAt, stuckSince],
    ),
  );
  if (ended.length === 0) return false;
  logger.error({ err: error, exportId: id }, 'an export was given up');
  announce(id);
  await store.discardAppended(archiveKey(entity)).catch((failure: unknown) => {
    logger.warn({ err: failure, exportId: id }, 'what was written of an export goes when it expires');
  });
  return true;
}

function failureOf(error: unknown): ExportFailure {
  const { code, message, traits } = toAppError(error);
  return { code, message: traits.safeToShow ? message : 'An unexpected error happened' };
}

function hoursFrom(time: Date, hours: number): Date {
  return new Date(time.getTime() + hours * 3_600_000);
}
