import { createHash } from 'node:crypto';
import { DatabaseError, type Connection } from 'pg';

/** A statement that is sent before another one in the same transaction, and of whose result nothing is read. */
export interface Preliminary {
  readonly text: string;
  readonly values: readonly string[];
}

/** What the protocol calls the statement and the portal without a name. */
const unnamed = '';
/** Each message is a write of its own; the parameter that says whether more follow is of an older version of pg. */
const more = true;
/** SQLSTATE `invalid_sql_statement_name`: there is no statement of this name. */
const unknownName = '26000';

/** By connection, which lives longer than what is sent on it. */
const keptOn = new WeakMap<Connection, KeptStatements>();

/**
 * Statements that a connection keeps parsed and planned: what is sent before every read would cost a third of a small read
 * otherwise. A name is made of the text, so it means the same on whatever connection a pooler has behind this one; a pooler that
 * does not know of names (pgbouncer before 1.21, or with `max_prepared_statements = 0`) is noticed by its first error.
 */
export class KeptStatements {
  readonly #nameOf = new Map<string, string>();
  #areNamed = true;

  static of(connection: Connection): KeptStatements {
    const kept = keptOn.get(connection) ?? new KeptStatements();
    keptOn.set(connection, kept);
    return kept;
  }

  /** Has the connection keep a statement. @returns its name; undefined where names are of no use */
  keep(connection: Connection, text: string): string | undefined {
    return this.#areNamed ? (this.#nameOf.get(text) ?? this.#parse(connection, text)) : undefined;
  }

  send(connection: Connection, { text, values }: Preliminary): void {
    const name = this.keep(connection, text) ?? unnamed;
    if (name === unnamed) connection.parse({ name, text, types: [] }, more);
    connection.bind({ portal: unnamed, statement: name, values: [...values] }, more);
    connection.execute({ portal: unnamed }, more);
  }

  /**
   * To be called after every error: it may have been parsing that failed.
   *
   * @returns whether nothing but a name was wrong: then nothing was done, and without names it works
   */
  forget(error: Error): boolean {
    this.#nameOf.clear();
    if (!this.#areNamed || !(error instanceof DatabaseError) || error.code !== unknownName) return false;
    this.#areNamed = false;
    return true;
  }

  /** Closing what is not there is no error; parsing what is there would be one. */
  #parse(connection: Connection, text: string): string {
    const name = `tessera_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    connection.close({ type: 'S', name }, more);
    connection.parse({ name, text, types: [] }, more);
    this.#nameOf.set(text, name);
    return name;
  }
}
