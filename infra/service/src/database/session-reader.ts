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
import { SessionQuery, type Rows, type SessionSettings } from './session-query.js';
import { traceStatement } from './trace-queries.js';

/**
 * An entity manager that only reads, each statement with settings that hold for it alone. It holds no connection between
 * statements, so nobody has to end it, and what one request reads at a time is read at the same time.
 */
export function openSessionReader(orm: MikroORM, settings: SessionSettings): EntityManager {
  return openSession(orm, { ...settings, transaction_read_only: 'on' });
}

/** The same for statements that write, each a transaction by itself. */
export function openSessionWriter(orm: MikroORM, settings: SessionSettings): EntityManager {
  return openSession(orm, settings);
}

function openSession(orm: MikroORM, settings: SessionSettings): EntityManager {
  const entityManager = orm.em.fork();
  const driver = new SessionDriver(orm, settings);
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
  readonly #orm: MikroORM;
  readonly #settings: SessionSettings;

  constructor(orm: MikroORM, settings: SessionSettings) {
    this.#orm = orm;
    this.#settings = settings;
  }

  async acquireConnection(): Promise<SessionConnection> {
    const pool = await this.#orm.em.getConnection().getNativeClient();
    return new SessionConnection(await pool.connect(), this.#settings);
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
  readonly #settings: SessionSettings;

  constructor(client: PoolClient, settings: SessionSettings) {
    this.client = client;
    this.#settings = settings;
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
      const query = new SessionQuery({ text, values }, this.#settings, (error, rows) => {
        if (rows !== undefined) return resolve(rows);
        this.isBroken ||= !(error instanceof DatabaseError && error.severity === 'ERROR');
        reject(error ?? new Error('The database gave no result'));
      });
      this.client.query(query);
    });
  }
}

function refuseTransaction(): Promise<never> {
  return Promise.reject(new Error('Reads share no transaction: what belongs together is one statement, or a write'));
}
