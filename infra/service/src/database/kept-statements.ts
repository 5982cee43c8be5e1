import { createHash } from 'node:crypto';
import { DatabaseError, type Connection } from 'pg';
import type { Preliminary } from './preliminary.js';

/** What the protocol calls the statement without a name. */
const unnamed = '';
/** Each message is a write of its own; the parameter that says whether more follow is of an older version of pg. */
const more = true;
/** SQLSTATE `invalid_sql_statement_name`: there is no statement of this name. */
const unknownName = '26000';
/** The part of PostgreSQL that refuses a kept statement whose columns have become others, as a migration does it. */
const changedResult = 'RevalidateCachedQuery';

/** By connection, which lives longer than what is sent on it. */
const keptOn = new WeakMap<Connection, KeptStatements>();

/** More of them a connection does not keep: each takes memory of the server. */
const maxKept = 64;
/** Of so many texts a connection knows that it saw them once. */
const maxSeenOnce = 256;
/** Longer texts are lists of values, which do not come twice: they are not kept. */
export const maxTextLength = 4_000;

/**
 * Statements that a connection keeps parsed, and rewritten by the policies of row-level security: that is most of what these cost,
 * and of what is sent before every read. A name is made of the text, so it means the same on whatever connection a pooler
 * has behind this one; a pooler that does not know of names (pgbouncer before 1.21, or with `max_prepared_statements = 0`) is
 * noticed by its first error.
 */
export class KeptStatements {
  /** By text; once there are as many as may be, the one that was used last is at the end. */
  readonly #nameOf = new Map<string, string>();
  /** Texts whose parsing was sent and not yet answered, or failed perhaps. */
  readonly #unsure = new Set<string>();
  /** Of them, those of what is under way. */
  readonly #sent = new Set<string>();
  readonly #seenOnce = new Set<string>();
  #areNamed = true;

  static of(connection: Connection): KeptStatements {
    const kept = keptOn.get(connection) ?? new KeptStatements();
    keptOn.set(connection, kept);
    return kept;
  }

  /** Sends a statement that is always kept. */
  send(connection: Connection, preliminary: Preliminary): void {
    const { text } = preliminary;
    const name = this.#areNamed ? this.#keep(connection, text) : unnamed;
    if (!this.#areNamed) connection.parse({ name, text, types: [] }, more);
    connection.stream.write(preliminary.messages(name));
  }

  /**
   * Parses a statement that came before on this connection, unless it is kept already.
   *
   * @returns the name by which to bind it; undefined for one that is to be sent as it is
   */
  parseRepeated(connection: Connection, text: string): string | undefined {
    if (!this.#areNamed || text.length > maxTextLength) return undefined;
    if (this.#nameOf.has(text) || this.#seenOnce.delete(text)) return this.#keep(connection, text);
    if (this.#seenOnce.size >= maxSeenOnce) this.#seenOnce.clear();
    this.#seenOnce.add(text);
    return undefined;
  }

  /** To be called after a success: all that was sent for it is parsed. */
  confirm(): void {
    for (const text of this.#sent) this.#unsure.delete(text);
    this.#sent.clear();
  }

  /**
   * To be called after an error: it may have been parsing that failed.
   *
   * @returns whether nothing but what was kept is wrong: then nothing was done, and sent again it works
   */
  canRepeatAfter(error: Error): boolean {
    this.#sent.clear();
    if (!this.#areNamed || !(error instanceof DatabaseError)) return false;
    if (error.code === unknownName) {
      this.#areNamed = false;
      return true;
    }
    if (error.routine !== changedResult) return false;
    for (const text of this.#nameOf.keys()) this.#unsure.add(text);
    return true;
  }

  #keep(connection: Connection, text: string): string {
    const known = this.#nameOf.get(text);
    const name = known ?? `tessera_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    if (known === undefined || this.#nameOf.size === maxKept) {
      this.#nameOf.delete(text);
      this.#nameOf.set(text, name);
    }
    if (known !== undefined && !this.#unsure.has(text)) return name;
    this.#unsure.add(text);
    this.#sent.add(text);
    // Closing what is not there is no error; parsing what is there would be one.
    connection.close({ type: 'S', name }, more);
    connection.parse({ name, text, types: [] }, more);
    this.#closeOldest(connection);
    return name;
  }

  #closeOldest(connection: Connection): void {
    const [oldest] = this.#nameOf;
    if (oldest === undefined || this.#nameOf.size <= maxKept) return;
    const [text, name] = oldest;
    this.#nameOf.delete(text);
    this.#unsure.delete(text);
    connection.close({ type: 'S', name }, more);
  }
}
