import type { MikroORM } from '@mikro-orm/postgresql';
import {
  DefaultQueryExecutor,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import { DatabaseError, type PoolClient } from 'pg';
import type { EntityManager } from './database.js';
import type { Preliminary } from './kept-statements.js';
import { SessionQuery, settingsStatement, type Rows, type SessionSettings } from './session-query.js';
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
  return openSession(orm, poolOf(orm), [settingsStatement({ ...settings, ...readOnly })]);
}

/** The same, but it reads from a standby, and each statement only where the precondition holds. */
export function openReplicaReader(
  orm: MikroORM,
  replica: ConnectionSource,
  settings: SessionSettings,
  precondition: Preliminary,
): EntityManager {
  return openSession(orm, replica, [settingsStatement({ ...settings, ...readOnly }), precondition]);
}

/** The same for statements that write, each a transaction by itself: few texts, of which connections keep the plans too. */
export function openSessionWriter(orm: MikroORM, settings: SessionSettings): EntityManager {
  return openSession(orm, poolOf(orm), [settingsStatement(settings)]);
}

/** A statement that is kept is planned for its values all the same: they differ more than planning costs. */
const eachPlanned: SessionSettings = { plan_cache_mode: 'force_custom_plan' };
const readOnly: SessionSettings = { transaction_read_only: 'on', ...eachPlanned };

function poolOf(orm: MikroORM): ConnectionSource {
  return {
    connect: async () => {
      const pool = await orm.em.getConnection().getNativeClient();
      return pool.connect();
    },
  };
}

function openSession(orm: MikroORM, source: ConnectionSource, preliminaries: readonly Preliminary[]): EntityManager {
  const entityManager = orm.em.fork();
  const driver = new SessionDriver(source, preliminaries);
  const adapter = new PostgresAdapter();
  const compiler = new PostgresQueryCompiler();
  const dialect: Dialect = {
    createDriver: () => driver,
    createAdapter: () => adapter,
    createQueryCompiler: () => compiler,
    createIntrospector: (database) => new PostgresIntrospector(database),
  };
  // Put together here, without what Kysely puts around a driver, every read takes fewer turns of promises.
  const executor = new DefaultQueryExecutor(compiler, adapter, driver);
  const kysely = new Kysely({ config: { dialect }, driver, executor, dialect });
  // To the ORM it is a transaction: everything it asks goes there.
  entityManager.setTransactionContext(kysely);
  return entityManager;
}

class SessionDriver implements Driver, ConnectionProvider {
  readonly #source: ConnectionSource;
  readonly #preliminaries: readonly Preliminary[];

  constructor(source: ConnectionSource, preliminaries: readonly Preliminary[]) {
    this.#source = source;
    this.#preliminaries = preliminaries;
  }

  async provideConnection<T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    const connection = await this.acquireConnection();
    try {
      return await consumer(connection);
    } finally {
      connection.release();
    }
  }

  async acquireConnection(): Promise<SessionConnection> {
    return new SessionConnection(await this.#source.connect(), this.#preliminaries, this.#source);
  }

  releaseConnection(connection: SessionConnection): Promise<void> {
    connection.release();
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
  readonly #client: PoolClient;
  /** Whether nobody should get the connection after this: it is gone, or it still works on what nobody waits for. */
  #isBroken = false;
  readonly #preliminaries: readonly Preliminary[];
  readonly #source: ConnectionSource;

  constructor(client: PoolClient, preliminaries: readonly Preliminary[], source: ConnectionSource) {
    this.#client = client;
    this.#preliminaries = preliminaries;
    this.#source = source;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { rows } = await traceStatement(sql, () => this.#send(sql, parameters));
    return { rows: rows as Row[] };
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }

  streamQuery(): AsyncIterableIterator<QueryResult<never>> {
    throw new Error('What is read as one statement cannot be streamed: read page by page');
  }

  #send(text: string, values: readonly unknown[]): Promise<Rows> {
    return new Promise((resolve, reject) => {
      const query = new SessionQuery({ text, values }, this.#preliminaries, (outcome) => {
        if ('rows' in outcome) return resolve(outcome.rows);
        const { error, canBeRepeated } = outcome;
        if (canBeRepeated) return resolve(this.#send(text, values));
        if (!(error instanceof DatabaseError && error.severity === 'ERROR')) {
          this.#isBroken = true;
          this.#source.failed?.(error);
        }
        reject(error);
      });
      this.#client.query(query);
    });
  }
}

function refuseTransaction(): Promise<never> {
  return Promise.reject(new Error('Reads share no transaction: what belongs together is one statement, or a write'));
}
