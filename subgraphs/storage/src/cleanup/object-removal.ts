import { sqlOf } from '@tessera/service/database';
import { withDeadline } from '@tessera/service/deadline';
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
  readonly store: Pick<ObjectStore, 'retire' | 'remove'>;
  readonly logger: Logger;
  readonly serviceScope: (tenantId: string) => DataScope;
  readonly now?: () => Date;
}

/**
 * How long after its URL expired an upload may still arrive: one that began in time goes on. An S3 store does not ask us
 * whether the file still exists, so until then something has to stand where its object was, and its row has to stay.
 */
export const lateUploadGraceMs = 60 * 60 * 1_000;

const retryMs = 10 * 60 * 1_000;
/** A store that is well removes an object within this; who deleted a file waits no longer for one that is not. */
const momentMs = 500;

/**
 * Removes the objects of files that are gone for their tenants, and in the end the rows that remembered them. While an upload may
 * still arrive, the object is retired: its URL brings nothing any more.
 */
export class ObjectRemoval {
  readonly #options: ObjectRemovalOptions;
  readonly #now: () => Date;
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: ObjectRemovalOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Begins to remove one object, and waits a moment for it; it is no failure of the caller. What is not done by then goes on. */
  async begin(file: RemovableFile): Promise<void> {
    const { logger } = this.#options;
    const work = this.attempt(file)
      .catch((error: unknown) => logger.warn({ err: error, fileId: file.id }, 'an object is left to cleaning up'))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    await withDeadline(work, momentMs, 'Removing an object').catch(() => undefined);
  }

  /** Resolves when nothing that was begun is under way: call it before the store closes. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /**
   * Tries to remove one object. A failure of the store is logged, and the next try postponed.
   *
   * @throws what the database says; the row still remembers that the object has to go
   */
  async attempt(file: RemovableFile): Promise<void> {
    const { store, logger } = this.#options;
    const key = { tenantId: file.tenantId, fileId: file.id };
    const graceMs = file.uploadExpiresAt.getTime() + lateUploadGraceMs - this.#now().getTime();
    try {
      await (graceMs > 0 ? store.retire(key) : store.remove(key));
    } catch (error) {
      logger.warn({ err: error, fileId: file.id }, 'removing an object failed; it will be tried again');
      await this.#postpone(file, retryMs);
      return;
    }
    if (graceMs > 0) await this.#postpone(file, graceMs);
    else await this.#write(file.tenantId, 'delete from file where id = $1 and removal_due_at is not null', [file.id]);
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
