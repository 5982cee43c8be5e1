import type { CompiledQuery, ConnectionProvider, DatabaseConnection, Driver, QueryResult } from 'kysely';
import { DatabaseError, type PoolClient } from 'pg';
import type { Preliminary } from './preliminary.js';
import { SessionQuery, type Rows } from './session-query.js';
import type { SlowPlans } from './slow-plans.js';
import { traceStatement } from './trace-queries.js';

/** Where connections come from. */
export interface ConnectionSource {
  connect(): Promise<PoolClient>;
  /** Hears that a connection broke. */
  failed?(error: unknown): void;
}

/** What all statements of a session have in common. */
export interface Session {
  readonly source: ConnectionSource;
  /** What is sent before each. */
  readonly preliminaries: readonly Preliminary[];
  /** Absent where each is planned for its values anyway. */
  readonly slowPlans?: SlowPlans;
}

/** Kysely's way to a database, where every statement is a transaction by itself. */
export class SessionDriver implements Driver, ConnectionProvider {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
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
    return new SessionConnection(await this.#session.source.connect(), this.#session);
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
  readonly #session: Session;
  /** Whether nobody should get the connection after this: it is gone, or it still works on what nobody waits for. */
  #isBroken = false;

  constructor(client: PoolClient, session: Session) {
    this.#client = client;
    this.#session = session;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    return { rows: await this.run<Row>(sql, parameters) };
  }

  /** The same, without the rest of what Kysely knows of a query. */
  async run<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    const { rows } = await traceStatement(sql, () => this.#send(sql, parameters));
    return rows as Row[];
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }

  streamQuery(): AsyncIterableIterator<QueryResult<never>> {
    throw new Error('What is read as one statement cannot be streamed: read page by page');
  }

  #send(text: string, values: readonly unknown[]): Promise<Rows> {
    const { preliminaries, slowPlans } = this.#session;
    const startMs = performance.now();
    const ownPlan = slowPlans?.preliminaryOf(text, startMs);
    const before = ownPlan === undefined ? preliminaries : [...preliminaries, ownPlan];
    return new Promise((resolve, reject) => {
      const query = new SessionQuery({ text, values }, before, (outcome) => {
        slowPlans?.note(text, { startMs, nowMs: performance.now(), hadOwnPlan: ownPlan !== undefined });
        if ('rows' in outcome) return resolve(outcome.rows);
        const { error, canBeRepeated } = outcome;
        if (canBeRepeated) return resolve(this.#send(text, values));
        if (!(error instanceof DatabaseError && error.severity === 'ERROR')) {
          this.#isBroken = true;
          this.#session.source.failed?.(error);
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
