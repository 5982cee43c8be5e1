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

/** The same for statements that write, each a transaction by itself: few texts, which connections keep parsed and planned. */
export function openSessionWriter(orm: MikroORM, settings: SessionSettings): EntityManager {
  return openSession(orm, poolOf(orm), [settingsStatement(settings)], true);
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

function openSession(
  orm: MikroORM,
  source: ConnectionSource,
  preliminaries: readonly Preliminary[],
  keepsStatements = false,
): EntityManager {
  const entityManager = orm.em.fork();
  const driver = new SessionDriver(source, preliminaries, keepsStatements);
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
  readonly #preliminaries: readonly Preliminary[];
  readonly #keepsStatements: boolean;

  constructor(source: ConnectionSource, preliminaries: readonly Preliminary[], keepsStatements: boolean) {
    this.#source = source;
    this.#preliminaries = preliminaries;
    this.#keepsStatements = keepsStatements;
  }

  async acquireConnection(): Promise<SessionConnection> {
    const client = await this.#source.connect();
    return new SessionConnection(client, this.#preliminaries, this.#source, this.#keepsStatements);
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
  readonly #keepsStatements: boolean;
  readonly #preliminaries: readonly Preliminary[];
  readonly #source: ConnectionSource;

  constructor(
    client: PoolClient,
    preliminaries: readonly Preliminary[],
    source: ConnectionSource,
    keepsStatements: boolean,
  ) {
    this.#keepsStatements = keepsStatements;
    this.client = client;
    this.#preliminaries = preliminaries;
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
      const statement = { text, values, isKept: this.#keepsStatements };
      const query = new SessionQuery(statement, this.#preliminaries, (outcome) => {
        if ('rows' in outcome) return resolve(outcome.rows);
        const { error, canBeRepeated } = outcome;
        if (canBeRepeated) return resolve(this.#send(text, values));
        if (!(error instanceof DatabaseError && error.severity === 'ERROR')) {
          this.isBroken = true;
          this.#source.failed?.(error);
        }
        reject(error);
      });
      this.client.query(query);
    });
  }
}

function refuseTransaction(): Promise<never> {
  return Promise.reject(new Error('Reads share no transaction: what belongs together is one statement, or a write'));
}
