import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import type { ObjectStore } from '../object-store/object-store.js';

/** A file whose object has to go. */
export interface RemovableFile {
  readonly id: string;
  readonly tenantId: string;
  readonly uploadExpiresAt: Date;
}

export interface ObjectRemovalOptions {
  readonly store: ObjectStore;
  readonly logger: Logger;
  readonly serviceScope: (tenantId: string) => DataScope;
  readonly now?: () => Date;
}

/**
 * How long after its URL expired an upload may still arrive: one that began in time goes on. An S3 store does not ask us
 * whether the file still exists, so until then its object may come back, and its row has to stay.
 */
export const lateUploadGraceMs = 60 * 60 * 1_000;

const retryMs = 10 * 60 * 1_000;

/** Removes the objects of files that are gone for their tenants, and in the end the rows that remembered them. */
export class ObjectRemoval {
  readonly #options: ObjectRemovalOptions;
  readonly #now: () => Date;

  constructor(options: ObjectRemovalOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Tries to remove one object. A failure is logged, and the next try postponed; it is no failure of the caller. */
  async attempt(file: RemovableFile): Promise<void> {
    const { store, logger } = this.#options;
    try {
      await store.remove({ tenantId: file.tenantId, fileId: file.id });
      await this.#settle(file);
    } catch (error) {
      logger.warn({ err: error, fileId: file.id }, 'removing an object failed; it will be tried again');
      await this.#postpone(file, retryMs);
    }
  }

  async #settle(file: RemovableFile): Promise<void> {
    const graceMs = file.uploadExpiresAt.getTime() + lateUploadGraceMs - this.#now().getTime();
    if (graceMs > 0) {
      await this.#postpone(file, graceMs);
      return;
    }
    await this.#write(file.tenantId, 'delete from file where id = $1 and removal_due_at is not null', [file.id]);
  }

  async #postpone({ id, tenantId }: RemovableFile, delayMs: number): Promise<void> {
    const dueAt = new Date(this.#now().getTime() + delayMs);
    const sql = 'update file set removal_due_at = $2 where id = $1 and removal_due_at is not null';
    await this.#write(tenantId, sql, [id, dueAt]);
  }

  async #write(tenantId: string, sql: string, parameters: readonly unknown[]): Promise<void> {
    await this.#options.serviceScope(tenantId).write((entityManager) => sqlOf(entityManager)(sql, parameters));
  }
}
