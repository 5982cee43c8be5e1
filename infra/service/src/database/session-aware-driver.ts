import {
  isRaw,
  NativeQueryBuilder,
  PostgreSqlConnection,
  PostgreSqlDriver,
  type Configuration,
} from '@mikro-orm/postgresql';
import { bindIds } from './bind-ids.js';
import type { SessionStatements } from './session-statements.js';

const sessions = new WeakMap<object, SessionStatements>();

/** @param context what the ORM takes for the transaction of an entity manager */
export function noteSession(context: object, statements: SessionStatements): void {
  sessions.set(context, statements);
}

type Execute = PostgreSqlConnection['execute'];

/** The ORM's way to PostgreSQL, which knows of sessions: what it asks there goes without its ids in the text, see `bind-ids.ts`. */
class SessionAwareConnection extends PostgreSqlConnection {
  override execute: Execute = async (query, parameters = [], method = 'all', context, logging) => {
    const statements = context && sessions.get(context);
    if (statements === undefined) return super.execute(query, parameters, method, context, logging);
    const raw = query instanceof NativeQueryBuilder ? query.toRaw() : query;
    const [template, values] = isRaw(raw) ? [raw.sql, raw.params] : [raw, parameters];
    // Values by their names are for the ORM to put in order.
    if (!isList(values)) return super.execute(query, parameters, method, context, logging);
    const sql = this.config.get('onQuery')(template, values);
    const { text, values: ids } = bindIds(sql, values, this.platform);
    return this.executeQuery(sql, async () => {
      const rows = await statements.run(text, ids);
      return this.transformRawResult({ rows }, method);
    });
  };
}

const isList = (values: unknown): values is readonly unknown[] => Array.isArray(values);

export class SessionAwareDriver extends PostgreSqlDriver {
  protected override readonly connection: PostgreSqlConnection;

  constructor(config: Configuration) {
    super(config);
    this.connection = new SessionAwareConnection(config);
  }
}
