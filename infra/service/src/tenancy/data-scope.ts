import type { MikroORM } from '@mikro-orm/postgresql';
import type { EntityManager } from '../database/index.js';
import type { Principal } from '../identity/index.js';
import { ReadTransaction } from './read-transaction.js';

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
  #reading: ReadTransaction | undefined;
  #isClosed = false;

  constructor(orm: MikroORM, principal: Principal) {
    this.#orm = orm;
    this.#variables = sessionVariables(principal);
  }

  /**
   * Runs reads in the request's shared transaction. Writing in it fails.
   *
   * @throws Error once the scope is closed: GraphQL answers as soon as an error leaves nothing to wait for, while fields
   * beside it are still being resolved, and nobody would end a transaction that one of those began
   */
  async read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('The request is answered: nothing is read for it any more');
    this.#reading ??= new ReadTransaction(this.#fork());
    const reading = this.#reading;
    try {
      return await reading.read(work);
    } catch (error) {
      // A failed statement aborts the transaction; what is read next must not inherit that.
      if (this.#reading === reading) this.#reading = undefined;
      await reading.end();
      throw error;
    }
  }

  /** Runs work in a transaction of its own: it commits, or it throws and nothing of it happened. */
  async write<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    // The open read transaction gives its connection back first: holding one while waiting for another can starve a pool.
    await this.release();
    return this.#fork().transactional((entityManager) => work(entityManager as EntityManager));
  }

  /** Gives the connection of the reads back before something that takes long; the next read begins a new transaction. */
  async release(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    await reading?.end();
  }

  /** Ends reading for good; whoever made the scope calls it when the request is answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.release();
  }

  #fork(): EntityManager {
    return this.#orm.em.fork({ session: { variables: this.#variables } });
  }
}

function sessionVariables({ kind, tenantId, userId }: Principal): SessionVariables {
  // All three are always set: an absent one must not be inherited from whatever the connection did before.
  return {
    'app.tenant_id': tenantId ?? '',
    // What is a person's own is not their keys'. A service has a person only where it exports or erases what is theirs.
    'app.user_id': kind === 'user' || kind === 'service' ? (userId ?? '') : '',
    'app.service': kind === 'service' ? 'on' : 'off',
  };
}
