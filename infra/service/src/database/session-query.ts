import { Query, type Connection } from 'pg';
import { KeptStatements, type Preliminary } from './kept-statements.js';

/** Settings of PostgreSQL by name, as `set_config` takes them. */
export type SessionSettings = Readonly<Record<string, string>>;

/** A result, as far as reading needs it. */
export interface Rows {
  readonly rows: Record<string, unknown>[];
}

export interface SessionStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Whether the connection keeps it parsed and planned: for a text that never changes, and runs often. */
  readonly isKept: boolean;
}

/** What became of a statement: its rows, or an error, after which it may be worth sending it again. */
export type SessionOutcome = { readonly rows: Rows } | { readonly error: Error; readonly canBeRepeated: boolean };

/**
 * One statement with settings that hold for it alone, in one round trip: both are sent before a single Sync, which makes
 * them one transaction that ends with it (PostgreSQL, Frontend/Backend Protocol, "Pipelining"). Nothing needs to be begun
 * or ended, and no setting stays on the connection, pooled or not. A setting that is refused fails the statement.
 */
export class SessionQuery extends Query {
  /** @param preliminaries what is sent first, e.g. {@link settingsStatement}; where one fails, nothing after it is begun */
  constructor(
    statement: SessionStatement,
    preliminaries: readonly Preliminary[],
    onDone: (outcome: SessionOutcome) => void,
  ) {
    let kept: KeptStatements | undefined;
    // A statement without values would go by the simple protocol, which begins a transaction of its own.
    const config = { text: statement.text, values: [...statement.values], queryMode: 'extended' };
    super(config, (error: Error | null | undefined, results: unknown) => {
      if (error != null) onDone({ error, canBeRepeated: kept?.forget(error) ?? false });
      else onDone({ rows: lastOf(results) });
    });
    const submit = this.submit.bind(this);
    this.submit = (connection) => {
      kept = KeptStatements.of(connection);
      connection.stream.cork();
      try {
        for (const preliminary of preliminaries) kept.send(connection, preliminary);
        const name = statement.isKept ? kept.keep(connection, statement.text) : undefined;
        if (name !== undefined) markParsed(this, connection, name, statement.text);
        // Answers a refusal, as the client expects it.
        return submit(connection);
      } finally {
        connection.stream.uncork();
      }
    };
  }
}

/** Has the client send the values alone: it believes what it notes of names. */
function markParsed(query: Query, connection: Connection, name: string, text: string): void {
  Object.assign(query, { name });
  Object.assign(Reflect.get(connection, 'parsedStatements') as object, { [name]: text });
}

/** Selects no row, so that its result is none to read; `concat` is never null, and every setting is made for it. */
export function settingsStatement(settings: SessionSettings): Preliminary {
  const entries = Object.entries(settings);
  const made = entries.map((_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`);
  return { text: `select where concat(${made.join(', ')}) is null`, values: entries.flat() };
}

/** The client gives a list where several statements were answered: that of the settings, and ours. */
function lastOf(results: unknown): Rows {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return last as Rows;
}
