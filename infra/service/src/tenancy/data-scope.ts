import type { MikroORM } from '@mikro-orm/postgresql';
import type { EntityManager } from '../database/index.js';
import type { Principal } from '../identity/index.js';

/** Settings of a transaction that the row-level security policies read. */
type SessionVariables = Readonly<Record<string, string>>;

/**
 * One caller's view of the database: everything runs in transactions that carry the caller's tenant and person, so that
 * row-level security sees them. The settings end with their transaction and cannot leak through a pool.
 *
 * Reads of one request share a read-only transaction, opened by the first of them: one extra round trip a request,
 * none per query. A write has a transaction of its own, committed before its promise resolves.
 */
export class DataScope {
  readonly #orm: MikroORM;
  readonly #variables: SessionVariables;
  #reading: Promise<EntityManager> | undefined;

  constructor(orm: MikroORM, principal: Principal) {
    this.#orm = orm;
    this.#variables = sessionVariables(principal);
  }

  /** Runs reads in the request's shared transaction. Writing in it fails. */
  async read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    this.#reading ??= this.#beginReading();
    const reading = this.#reading;
    try {
      return await work(await reading);
    } catch (error) {
      // A failed statement aborts the transaction; what is read next must not inherit that.
      if (this.#reading === reading) this.#reading = undefined;
      await endReading(reading);
      throw error;
    }
  }

  /** Runs work in a transaction of its own: it commits, or it throws and nothing of it happened. */
  async write<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    // The open read transaction gives its connection back first: holding one while waiting for another can starve a pool.
    await this.close();
    return this.#fork().transactional((entityManager) => work(entityManager as EntityManager));
  }

  /** Ends the read transaction; whoever made the scope calls it when the request is answered. */
  async close(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading !== undefined) await endReading(reading);
  }

  async #beginReading(): Promise<EntityManager> {
    const entityManager = this.#fork();
    await entityManager.begin({ readOnly: true });
    return entityManager;
  }

  #fork(): EntityManager {
    return this.#orm.em.fork({ session: { variables: this.#variables } });
  }
}

function sessionVariables({ kind, tenantId, userId }: Principal): SessionVariables {
  // All three are always set: an absent one must not be inherited from whatever the connection did before.
  return {
    'app.tenant_id': tenantId ?? '',
    'app.user_id': userId ?? '',
    'app.service': kind === 'service' ? 'on' : 'off',
  };
}

async function endReading(reading: Promise<EntityManager>): Promise<void> {
  const entityManager = await reading.catch(() => undefined);
  if (entityManager?.isInTransaction() === true) await entityManager.rollback();
}
