import { Query, type Connection, type Submittable } from 'pg';
import { KeptStatements } from './kept-statements.js';
import type { Preliminary } from './preliminary.js';

/** A result, as far as reading needs it. */
export interface Rows {
  readonly rows: Record<string, unknown>[];
}

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What became of one statement: its rows, or an error of its own that hindered none after it. */
export type Answer = { readonly rows: Rows } | { readonly error: Error };

export interface PipelineOutcome {
  /** Of the first statements, in order: of all, where nothing failed. */
  readonly answers: readonly Answer[];
  /** What ended it before its time. The first statement without an answer is to blame, and those after it were never begun. */
  readonly failure?: {
    readonly error: Error;
    /** Whether nothing but what the connection had kept is wrong: then what has no answer works when it is sent again. */
    readonly canBeRepeated: boolean;
  };
}

/**
 * Statements with settings that hold for them alone, in one round trip: all are sent before a single Sync, which makes them one
 * transaction that ends with it (PostgreSQL, Frontend/Backend Protocol, "Pipelining"). Nothing needs to be begun or ended, and no
 * setting stays on the connection, pooled or not. Where one fails, the server skips all after it. Its limits of time
 * begin anew with each.
 */
export class SessionPipeline implements Submittable {
  /** Who submits it puts a limit of time around this. */
  callback: (error?: Error | null) => void;
  /** Where the client leaves how it reads types. */
  readonly _result: { _types: unknown } = { _types: undefined };
  readonly #preliminaries: readonly Preliminary[];
  readonly #parts: readonly Part[];
  #kept: KeptStatements | undefined;
  /** How many preliminaries have no answer yet. */
  #awaited: number;
  #next = 0;

  /** @param preliminaries what is sent first, e.g. that of settings; where one fails, nothing after it is begun */
  constructor(
    statements: readonly Statement[],
    preliminaries: readonly Preliminary[],
    onDone: (outcome: PipelineOutcome) => void,
  ) {
    this.#preliminaries = preliminaries;
    this.#awaited = preliminaries.length;
    this.#parts = statements.map((statement) => new Part(statement));
    this.callback = (error) => {
      const answers = this.#parts.slice(0, this.#next).flatMap(({ answer }) => answer ?? []);
      if (error == null) {
        this.#kept?.confirm();
        return onDone({ answers });
      }
      onDone({ answers, failure: { error, canBeRepeated: this.#kept?.canRepeatAfter(error) ?? false } });
    };
  }

  /** Called by the client, once the connection is free. */
  submit(connection: Connection): null {
    const kept = KeptStatements.of(connection);
    this.#kept = kept;
    const open = withoutEnd(connection);
    connection.stream.cork();
    try {
      for (const preliminary of this.#preliminaries) kept.send(connection, preliminary);
      for (const part of this.#parts) part.send(open, kept.parseRepeated(connection, part.text), this._result._types);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    this.#skipRefused();
    return null;
  }

  handleRowDescription(message: unknown): void {
    this.#parts[this.#next]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.#parts[this.#next]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown): void {
    // Of preliminaries nothing is described, so nothing but this is said.
    if (this.#awaited > 0) this.#awaited -= 1;
    else this.#finish(message);
  }

  handleEmptyQuery(): void {
    this.#finish({});
  }

  handleCopyInResponse(connection: Connection): void {
    this.#parts[this.#next]?.handleCopyInResponse(connection);
  }

  handleReadyForQuery(): void {
    this.callback();
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  #finish(message: unknown): void {
    const part = this.#parts[this.#next];
    part?.handleCommandComplete(message);
    part?.handleReadyForQuery();
    this.#skipRefused();
  }

  /** What could not even be sent is not answered by the server. */
  #skipRefused(): void {
    while (this.#parts[this.#next]?.answer !== undefined) this.#next += 1;
  }
}

class Part extends Query {
  declare readonly text: string;
  // How the client hands on what the server says; its own queries understand it.
  declare readonly handleRowDescription: (message: unknown) => void;
  declare readonly handleDataRow: (message: unknown) => void;
  declare readonly handleCommandComplete: (message: unknown) => void;
  declare readonly handleReadyForQuery: () => void;
  declare readonly handleCopyInResponse: (connection: Connection) => void;
  declare readonly _result: { _types: unknown };
  /** By which it is bound as it is submitted; the client asks {@link hasBeenParsed} whether to parse it first. */
  name = '';
  /** A statement without values would go by the simple protocol, which begins a transaction of its own. */
  readonly queryMode = 'extended';
  answer: Answer | undefined;

  constructor({ text, values }: Statement) {
    // The client copies what comes as one object, property by property, for 5 us.
    super(text, [...values], (error: Error | null | undefined, results: unknown) => {
      this.answer ??= error == null ? { rows: results as Rows } : { error };
    });
  }

  /** @param name of the statement, where the connection keeps it */
  send(connection: Connection, name: string | undefined, types: unknown): void {
    this.name = name ?? '';
    this._result._types = types;
    this.submit(connection);
  }

  hasBeenParsed(): boolean {
    return this.name !== '';
  }
}

const nothing = (): void => undefined;

/** The client ends each statement, and closes what it cannot bind, which may be kept. */
function withoutEnd(connection: Connection): Connection {
  return Object.assign(Object.create(connection) as Connection, { sync: nothing, close: nothing });
}
