import type { EntityManager } from '../database/index.js';

/**
 * One read-only transaction that several reads share. It ends when it is no longer wanted and nobody reads in it any
 * more: a statement sent after the end would run on a connection that is somebody else's by then.
 */
export class ReadTransaction {
  readonly #begun: Promise<EntityManager>;
  #readers = 0;
  #isUnwanted = false;
  #ended: Promise<void> | undefined;

  constructor(entityManager: EntityManager) {
    this.#begun = entityManager.begin({ readOnly: true }).then(() => entityManager);
    // Who reads learns of a failure; an end without readers has nobody to tell.
    this.#begun.catch(() => undefined);
  }

  async read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    this.#readers += 1;
    try {
      return await work(await this.#begun);
    } finally {
      this.#readers -= 1;
      await this.#endIfUnused();
    }
  }

  /** Ends it: at once, or with the last of those who are still reading, whom this does not wait for. */
  async end(): Promise<void> {
    this.#isUnwanted = true;
    await this.#endIfUnused();
  }

  async #endIfUnused(): Promise<void> {
    if (!this.#isUnwanted || this.#readers > 0) return;
    this.#ended ??= this.#rollBack();
    await this.#ended;
  }

  async #rollBack(): Promise<void> {
    const entityManager = await this.#begun.catch(() => undefined);
    // A rollback that does not get through has nothing to undo: the connection is gone, and the transaction with it.
    if (entityManager?.isInTransaction() === true) await entityManager.rollback().catch(() => undefined);
  }
}
