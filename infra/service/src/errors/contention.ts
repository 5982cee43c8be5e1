import { AppError } from './app-error.js';

/** After so long what stood in the way is gone, as a rule; who waits for all of it has waited for `lock_timeout` already. */
const retryAfterSeconds = 1;

const tooBusy = 'The database is too busy';
const inTheWay = 'Others change the same at this moment: try again';
const readOnly = 'The database takes no changes at present';

/** SQLSTATE of what PostgreSQL refuses for others' sake: the same, sent again, may succeed. */
const messages: Readonly<Record<string, string>> = {
  // serialization_failure, deadlock_detected, lock_not_available
  '40001': inTheWay,
  '40P01': inTheWay,
  '55P03': inTheWay,
  // query_canceled, as statement_timeout does it
  '57014': tooBusy,
  // read_only_sql_transaction: after a failover, the server that was the primary; or one whose disk is full
  '25006': readOnly,
};

/** Class 53: insufficient resources. */
const exhausted = /^53...$/;

/** pg-pool's error carries no code. */
const noConnection = 'timeout exceeded when trying to connect';

/**
 * What failed because others were at work: waited too long for a lock, in a deadlock, not serializable, over its time, or
 * without a connection; or because the server takes no changes, as around a failover. Its transaction was undone, so a client may send it again; it is not repeated here, because what
 * a transaction's code does beside its statements would happen twice.
 *
 * @param thrown by the driver or the ORM, which keeps the driver's code
 * @returns `OVERLOADED` with a hint when to try again; undefined for every other failure
 */
export function fromContention(thrown: unknown): AppError | undefined {
  const { code, message } = (thrown ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  const told = typeof code === 'string' ? (messages[code] ?? (exhausted.test(code) ? tooBusy : undefined)) : undefined;
  const text = told ?? (message === noConnection ? tooBusy : undefined);
  return text === undefined ? undefined : new AppError('OVERLOADED', text, { cause: thrown, retryAfterSeconds });
}
