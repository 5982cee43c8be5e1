import { Query } from 'pg';
import { KeptStatements } from './kept-statements.js';
import type { Preliminary } from './preliminary.js';

/** A result, as far as reading needs it. */
export interface Rows {
  readonly rows: Record<string, unknown>[];
}

/** What became of a statement: its rows, or an error, after which it may be worth sending it again. */
export type SessionOutcome = { readonly rows: Rows } | { readonly error: Error; readonly canBeRepeated: boolean };

/**
 * One statement with settings that hold for it alone, in one round trip: both are sent before a single Sync, which makes
 * them one transaction that ends with it (PostgreSQL, Frontend/Backend Protocol, "Pipelining"). Nothing needs to be begun
 * or ended, and no setting stays on the connection, pooled or not. A setting that is refused fails the statement.
 */
export class SessionQuery extends Query {
  /** By which the client binds the statement as it submits it; it asks {@link hasBeenParsed} whether to parse it first. */
  name = '';
  /** A statement without values would go by the simple protocol, which begins a transaction of its own. */
  readonly queryMode = 'extended';

  /** @param preliminaries what is sent first, e.g. that of settings; where one fails, nothing after it is begun */
  constructor(
    statement: { readonly text: string; readonly values: readonly unknown[] },
    preliminaries: readonly Preliminary[],
    onDone: (outcome: SessionOutcome) => void,
  ) {
    let kept: KeptStatements | undefined;
    // The client copies what comes as one object, property by property, for 5 us.
    super(statement.text, [...statement.values], (error: Error | null | undefined, results: unknown) => {
      if (error != null) return onDone({ error, canBeRepeated: kept?.canRepeatAfter(error) ?? false });
      kept?.confirm();
      onDone({ rows: lastOf(results) });
    });
    const submit = this.submit.bind(this);
    this.submit = (connection) => {
      kept = KeptStatements.of(connection);
      connection.stream.cork();
      try {
        for (const preliminary of preliminaries) kept.send(connection, preliminary);
        this.name = kept.parseRepeated(connection, statement.text) ?? '';
        // Answers a refusal, as the client expects it.
        return submit(connection);
      } finally {
        // The client would remember for ever which named statements were parsed.
        this.name = '';
        connection.stream.uncork();
      }
    };
  }

  hasBeenParsed(): boolean {
    return this.name !== '';
  }
}

/** The client gives a list where several statements were answered: that of the settings, and ours. */
function lastOf(results: unknown): Rows {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results;
  return last as Rows;
}
