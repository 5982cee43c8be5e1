import type { MikroORM } from '@mikro-orm/postgresql';
import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from 'kysely';
import { DatabaseError, type PoolClient } from 'pg';
import type { EntityManager } from './database.js';
import type { Precondition } from './recent-writes.js';
import { SessionQuery, type Rows, type Session, type SessionSettings } from './session-query.js';
import { traceStatement } from './trace-queries.js';

/** Where connections come from. */
export interface ConnectionSource {
  connect(): Promise<PoolClient>;
  /** Hears that a connection broke. */
  failed?(error: unknown): void;
}

/**
 * An entity manager that only reads, each statement with settings that hold for it alone. It holds no connection between
 * statements, so nobody has to end it, and what one request reads at a time is read at the same time.
 */
export function openSessionReader(orm: MikroORM, settings: SessionSettings): EntityManager {
  return openSession(orm, poolOf(orm), { settings: { ...settings, ...readOnly } });
}

/** The same, but it reads from a standby, and each statement only where the precondition holds. */
export function openReplicaReader(
  orm: MikroORM,
  replica: ConnectionSource,
  settings: SessionSettings,
  precondition: Precondition,
): EntityManager {
  return openSession(orm, replica, { settings: { ...settings, ...readOnly }, precondition });
}

/** The same for statements that write, each a transaction by itself. */
export function openSessionWriter(orm: MikroORM, settings: SessionSettings): EntityManager {
  return openSession(orm, poolOf(orm), { settings });
}

const readOnly: SessionSettings = { transaction_read_only: 'on' };

function poolOf(orm: MikroORM): ConnectionSource {
  return {
    connect: async () => {
      const pool = await orm.em.getConnection().getNativeClient();
      return pool.connect();
    },
  };
}

function openSession(orm: MikroORM, source: ConnectionSource, session: Session): EntityManager {
  const entityManager = orm.em.fork();
  const driver = new SessionDriver(source, session);
  const kysely = new Kysely({
    dialect: {
      createDriver: () => driver,
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (database) => new PostgresIntrospector(database),
    },
  });
  // To the ORM it is a transaction: everything it asks goes there.
  entityManager.setTransactionContext(kysely);
  return entityManager;
}

class SessionDriver implements Driver {
  readonly #source: ConnectionSource;
  readonly #session: Session;

  constructor(source: ConnectionSource, session: Session) {
    this.#source = source;
    this.#session = session;
  }

  async acquireConnection(): Promise<SessionConnection> {
    return new SessionConnection(await this.#source.connect(), this.#session, this.#source);
  }

  releaseConnection(connection: SessionConnection): Promise<void> {
    connection.client.release(connection.isBroken);
    return Promise.resolve();
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  /** The pool is the ORM's. */
  destroy(): Promise<void> {
    return Promise.resolve();
  }

  beginTransaction = refuseTransaction;
  commitTransaction = refuseTransaction;
  rollbackTransaction = refuseTransaction;
}

class SessionConnection implements DatabaseConnection {
  readonly client: PoolClient;
  /** Whether nobody should get the connection after this: it is gone, or it still works on what nobody waits for. */
  isBroken = false;
  readonly #session: Session;
  readonly #source: ConnectionSource;

  constructor(client: PoolClient, session: Session, source: ConnectionSource) {
    this.client = client;
    this.#session = session;
    this.#source = source;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows } = await traceStatement(sql, () => this.#send(sql, parameters));
    return { rows: rows as Row[] };
  }

  streamQuery(): AsyncIterableIterator<QueryResult<never>> {
    throw new Error('What is read as one statement cannot be streamed: read page by page');
  }

  #send(text: string, values: readonly unknown[]): Promise<Rows> {
    return new Promise((resolve, reject) => {
      const query = new SessionQuery({ text, values }, this.#session, (error, rows) => {
        if (rows !== undefined) return resolve(rows);
        if (!(error instanceof DatabaseError && error.severity === 'ERROR')) {
          this.isBroken = true;
          this.#source.failed?.(error);
        }
        reject(error ?? new Error('The database gave no result'));
      });
      this.client.query(query);
    });
  }
}

function refuseTransaction(): Promise<never> {
  return Promise.reject(new Error('Reads share no transaction: what belongs together is one statement, or a write'));
}
