import type { CompiledQuery, ConnectionProvider, DatabaseConnection, Driver, QueryResult } from 'kysely';
import type { SessionStatements } from './session-statements.js';

/** Kysely's way to a database, where every statement is a transaction by itself, and no connection is held between them. */
export class SessionDriver implements Driver, ConnectionProvider, DatabaseConnection {
  readonly #statements: SessionStatements;

  constructor(statements: SessionStatements) {
    this.#statements = statements;
  }

  provideConnection<T>(consumer: (connection: DatabaseConnection) => Promise<T>): Promise<T> {
    return consumer(this);
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(this);
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return { rows: await this.#statements.run<Row>(sql, parameters) };
  }

  streamQuery(): AsyncIterableIterator<QueryResult<never>> {
    throw new Error('What is read as one statement cannot be streamed: read page by page');
  }

  init = done;
  releaseConnection = done;
  /** The pool is the ORM's. */
  destroy = done;
  beginTransaction = refuseTransaction;
  commitTransaction = refuseTransaction;
  rollbackTransaction = refuseTransaction;
}

const done = (): Promise<void> => Promise.resolve();

function refuseTransaction(): Promise<never> {
  return Promise.reject(new Error('Reads share no transaction: what belongs together is one statement, or a write'));
}
