import { Query, type Connection } from 'pg';
import type { Precondition } from './recent-writes.js';

/** Settings of PostgreSQL by name, as `set_config` takes them. */
export type SessionSettings = Readonly<Record<string, string>>;

/** What a statement is sent with. */
export interface Session {
  readonly settings: SessionSettings;
  /** What has to succeed before the statement is begun. */
  readonly precondition?: Precondition | undefined;
}

/** A result, as far as reading needs it. */
export interface Rows {
  readonly rows: Record<string, unknown>[];
}

/** What the protocol calls the statement and the portal without a name. */
const unnamed = '';

/**
 * One statement with settings that hold for it alone, in one round trip: both are sent before a single Sync, which makes
 * them one transaction that ends with it (PostgreSQL, Frontend/Backend Protocol, "Pipelining"). Nothing needs to be begun
 * or ended, and nothing stays on the connection, pooled or not. A setting that is refused fails the statement.
 */
export class SessionQuery extends Query {
  constructor(
    statement: { readonly text: string; readonly values: readonly unknown[] },
    { settings, precondition }: Session,
    onDone: (error: Error | undefined, rows: Rows | undefined) => void,
  ) {
    // A statement without values would go by the simple protocol, which begins a transaction of its own.
    const config = { text: statement.text, values: [...statement.values], queryMode: 'extended' };
    super(config, (error: Error | null | undefined, results: unknown) => {
      if (error != null) onDone(error, undefined);
      else onDone(undefined, lastOf(results));
    });
    const submit = this.submit.bind(this);
    this.submit = (connection) => {
      connection.stream.cork();
      try {
        sendSettings(connection, settings);
        if (precondition !== undefined) send(connection, precondition.text, precondition.values);
        // Answers a refusal, as the client expects it.
        return submit(connection);
      } finally {
        connection.stream.uncork();
      }
    };
  }
}

/** Selects no row, so that its result is none to read; `concat` is never null, and every setting is made for it. */
function sendSettings(connection: Connection, settings: SessionSettings): void {
  const entries = Object.entries(settings);
  const made = entries.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
  send(connection, `select where concat(${made.join(', ')}) is null`, entries.flat());
}

/** Sends a statement that has no rows to describe. */
function send(connection: Connection, text: string, values: readonly string[]): void {
  // Each message is a write of its own; the parameter that says whether more follow is of an older version of pg.
  const more = true;
  connection.parse({ name: unnamed, text, types: [] }, more);
  connection.bind({ portal: unnamed, statement: unnamed, values: [...values] }, more);
  connection.execute({ portal: unnamed }, more);
}

/** The client gives a list where several statements were answered: that of the settings, and ours. */
function lastOf(results: unknown): Rows {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return last as Rows;
}
