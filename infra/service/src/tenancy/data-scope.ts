import type { MikroORM } from '@mikro-orm/postgresql';
import {
  noteWrite,
  openSessionReader,
  runSessionSql,
  readReplayGoal,
  sqlOf,
  type DatabaseReader,
  type EntityManager,
  type ReadReplicas,
  type ReplayGoal,
  type SessionSettings,
} from '../database/index.js';
import type { Principal } from '../identity/index.js';

/** How a scope uses standbys of the database. */
export interface Replication {
  /** Absent where this instance only notes who writes, for others that read from standbys. */
  readonly replicas?: ReadReplicas | undefined;
}

/**
 * One caller's view of the database: everything runs in transactions that carry the caller's tenant and person, so that
 * row-level security sees them. The settings end with their transaction and cannot leak through a pool.
 *
 * A read is a transaction of one statement, whose settings travel with it: no further round trip, and no connection held
 * between reads. Quick reads that are asked for at a time share one of both. A write has a transaction of its own, committed before its promise resolves.
 *
 * Reads go to the primary, but those by {@link DataScope.readStale}.
 */
export class DataScope {
  readonly #orm: MikroORM;
  readonly #settings: SessionSettings;
  readonly #replicas: ReadReplicas | undefined;
  /** Whose writes are noted. */
  readonly #writerId: string | undefined;
  #reader: EntityManager | undefined;
  #replayGoal: Promise<ReplayGoal | undefined> | undefined;
  #isClosed = false;

  /** @param replication absent where the database has no standbys, and for services: what they write is nobody's own */
  constructor(orm: MikroORM, principal: Principal, replication?: Replication) {
    this.#orm = orm;
    this.#settings = sessionSettings(principal);
    this.#replicas = replication?.replicas;
    this.#writerId = replication === undefined ? undefined : writerOf(principal);
  }

  /**
   * Runs reads, which share the ORM's memory of entities. Writing in it fails.
   *
   * @throws Error once the scope is closed: GraphQL answers as soon as an error leaves nothing to wait for, while fields
   * beside it are still being resolved, and nobody wants what those read any more
   */
  async read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    this.#assertOpen();
    return work(this.#openReader());
  }

  /**
   * Runs reads that may miss what others wrote in the last seconds, but nothing that the caller did: on a standby, where there
   * is one that has replayed enough, otherwise as {@link read}.
   *
   * @param work may be run in vain and again, so it only reads; what it reads is not shared with other reads
   */
  async readStale<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    const replicas = this.#replicas;
    const writerId = this.#writerId;
    if (replicas === undefined || writerId === undefined) return this.read(work);
    this.#assertOpen();
    this.#replayGoal ??= readReplayGoal(sqlOf(this.#openReader()), writerId, replicas.maxLagMs);
    const goal = await this.#replayGoal;
    const answer = goal && (await replicas.read(this.#orm, this.#settings, goal, work));
    return answer === undefined ? this.read(work) : answer.value;
  }

  /** {@link readStale}, for who takes a reader. */
  get stale(): DatabaseReader {
    return { read: (work) => this.readStale(work) };
  }

  /** Runs work in a transaction of its own: it commits, or it throws and nothing of it happened. */
  async write<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    // What was read before may be what is about to change.
    this.forget();
    const entityManager = this.#orm.em.fork({ session: { variables: this.#settings } });
    const writerId = this.#writerId;
    if (writerId === undefined) return entityManager.transactional((transaction) => work(transaction as EntityManager));
    try {
      return await entityManager.transactional(async (transaction) => {
        const result = await work(transaction as EntityManager);
        // What is noted must be the last before the commit: see `recent-writes.ts`.
        await transaction.flush();
        await noteWrite(sqlOf(transaction as EntityManager), writerId);
        return result;
      });
    } finally {
      // Who asked meanwhile did not see this write yet.
      this.#replayGoal = undefined;
    }
  }

  /**
   * Runs one statement that is a transaction by itself: one round trip, where {@link write} takes four and more. Connections keep it
   * parsed and planned, which takes several times as long as running it: its text is one that never changes.
   */
  async runAlone<Row extends object>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    if (this.#writerId !== undefined) {
      return this.write((entityManager) => sqlOf(entityManager)<Row>(sql, parameters));
    }
    this.forget();
    return runSessionSql(this.#orm, this.#settings)<Row>(sql, parameters);
  }

  /** Forgets the entities that were read, for who reads many, piece by piece. */
  forget(): void {
    this.#reader = undefined;
    this.#replayGoal = undefined;
  }

  /** Ends reading for good; whoever made the scope calls it when the request is answered. */
  close(): void {
    this.#isClosed = true;
    this.forget();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new Error('The request is answered: nothing is read for it any more');
  }

  #openReader(): EntityManager {
    this.#reader ??= openSessionReader(this.#orm, this.#settings);
    return this.#reader;
  }
}

/** Who reads their own writes: a person, on whatever device and in whatever tenant, or a key. */
function writerOf({ kind, userId, apiKeyId }: Principal): string | undefined {
  if (kind === 'key') return apiKeyId ?? userId;
  return kind === 'user' ? userId : undefined;
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
