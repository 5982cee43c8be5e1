import { isId } from './id.js';
import type { Statement } from './session-pipeline.js';

/** What writes values and names into SQL, as the ORM's platform does. */
export interface SqlWriter {
  quoteValue(value: unknown): string | number | boolean | null;
  quoteIdentifier(name: string): string;
  /** Puts all values into the text. */
  formatQuery(sql: string, values: readonly unknown[]): string;
}

/** More of them are a list that does not come twice; more than 65,535 could not be sent apart at all. */
const maxIds = 256;

/** Where something is to be put, as the ORM writes it; a question mark behind a backslash is one. */
const placeholder = /\\\?|\?\?|\?/g;

/**
 * Puts values into SQL of the ORM, as itself does, but ids: those travel apart from the text, so that it is the same for whatever
 * is looked for, and connections keep it parsed and planned. To PostgreSQL an id in quotes and one that is sent apart are the same
 * kind of value, of a type that is found out from where it stands.
 *
 * Everything else stays in the text: what is compared with states (`status = 'READY'`) and beginnings of names needs a plan of its own, for
 * indexes that hold for those alone, and numbers have a type of their own.
 */
export function bindIds(sql: string, values: readonly unknown[], writer: SqlWriter): Statement {
  // As the ORM: what has no values is no template.
  if (values.length === 0) return { text: sql, values };
  const ids: string[] = [];
  const write = (value: unknown): string => {
    if (typeof value === 'string' && isId(value)) return `$${ids.push(value)}`;
    return Array.isArray(value) ? value.map(write).join(', ') : String(writer.quoteValue(value));
  };
  let next = 0;
  const text = sql.replace(placeholder, (found) => {
    if (found === '\\?') return '?';
    const value = values[next++];
    return found === '?' ? write(value) : writer.quoteIdentifier(String(value));
  });
  return ids.length > maxIds ? { text: writer.formatQuery(sql, values), values: [] } : { text, values: ids };
}
