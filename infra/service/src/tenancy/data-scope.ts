import type { MikroORM } from '@mikro-orm/postgresql';
import {
  openSessionReader,
  openSessionWriter,
  sqlOf,
  type EntityManager,
  type SessionSettings,
} from '../database/index.js';
import type { Principal } from '../identity/index.js';

/**
 * One caller's view of the database: everything runs in transactions that carry the caller's tenant and person, so that
 * row-level security sees them. The settings end with their transaction and cannot leak through a pool.
 *
 * A read is a transaction of one statement, whose settings travel with it: no further round trip, and no connection held
 * between reads. A write has a transaction of its own, committed before its promise resolves.
 */
export class DataScope {
  readonly #orm: MikroORM;
  readonly #settings: SessionSettings;
  #reader: EntityManager | undefined;
  #isClosed = false;

  constructor(orm: MikroORM, principal: Principal) {
    this.#orm = orm;
    this.#settings = sessionSettings(principal);
  }

  /**
   * Runs reads, which share the ORM's memory of entities. Writing in it fails.
   *
   * @throws Error once the scope is closed: GraphQL answers as soon as an error leaves nothing to wait for, while fields
   * beside it are still being resolved, and nobody wants what those read any more
   */
  async read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error('The request is answered: nothing is read for it any more');
    this.#reader ??= openSessionReader(this.#orm, this.#settings);
    return work(this.#reader);
  }

  /** Runs work in a transaction of its own: it commits, or it throws and nothing of it happened. */
  async write<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    // What was read before may be what is about to change.
    this.forget();
    const entityManager = this.#orm.em.fork({ session: { variables: this.#settings } });
    return entityManager.transactional((transaction) => work(transaction as EntityManager));
  }

  /** Runs one statement that is a transaction by itself: one round trip, where {@link write} takes four and more. */
  async runAlone<Row extends object>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    this.forget();
    return sqlOf(openSessionWriter(this.#orm, this.#settings))<Row>(sql, parameters);
  }

  /** Forgets the entities that were read, for who reads many, piece by piece. */
  forget(): void {
    this.#reader = undefined;
  }

  /** Ends reading for good; whoever made the scope calls it when the request is answered. */
  close(): void {
    this.#isClosed = true;
    this.forget();
  }
}

function sessionSettings({ kind, tenantId, userId }: Principal): SessionSettings {
  // All three are always set: an absent one must not be inherited from whatever the connection did before.
  return {
    'app.tenant_id': tenantId ?? '',
    // What is a person's own is not their keys'. A service has a person only where it exports or erases what is theirs.
    'app.user_id': kind === 'user' || kind === 'service' ? (userId ?? '') : '',
    'app.service': kind === 'service' ? 'on' : 'off',
  };
}
