import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { activeSpan, type TracedSpan } from '../tracing/index.js';

type Query = (...parameters: unknown[]) => unknown;

/**
 * Makes every statement that is sent within a span a part of it. Outside of spans, which is always so where tracing is
 * off, a statement pays one look.
 */
export function traceQueries(pool: Pool): void {
  pool.on('connect', (client: PoolClient) => {
    const query = client.query.bind(client) as Query;
    const traced: Query = (...parameters) => {
      const [statement, , callback] = parameters;
      // Cursors and callbacks are not promises; what sends a statement of its own kind traces it itself.
      if (typeof statement !== 'string' || callback !== undefined) return query(...parameters);
      return traceStatement(statement, () => query(...parameters));
    };
    Object.defineProperty(client, 'query', { value: traced, configurable: true, writable: true });
  });
}

/** Runs a statement as a part of the active span; where there is none, it is just run. */
export function traceStatement<Result>(statement: string, run: () => Result): Result | Promise<Awaited<Result>> {
  const span = activeSpan();
  return span === undefined ? run() : traceQuery(span, statement, run);
}

async function traceQuery<Result>(parent: TracedSpan, statement: string, run: () => Result): Promise<Awaited<Result>> {
  const { operation, table } = summarize(statement);
  const summary = table === undefined ? operation : `${operation} ${table}`;
  const attributes = {
    'db.system.name': 'postgresql',
    'db.operation.name': operation,
    'db.query.summary': summary,
    ...(table !== undefined && { 'db.collection.name': table }),
  };
  const span = parent.child(summary, { kind: 'client', attributes });
  try {
    return await run();
  } catch (error) {
    span.fail(error instanceof DatabaseError ? (error.code ?? 'DatabaseError') : 'Error');
    throw error;
  } finally {
    span.end();
  }
}

const literalPattern = /'(?:[^']|'')*'?/g;
const verbPattern = /^\s*(\w+)/;
const tablePattern = /\b(?:from|into|update|join)\s+"?([a-z_][\w.]*)"?/i;
/** Where a statement's verb and first table stand at the latest; text beyond it is not searched. */
const maxSearchedCharacters = 2_000;

/** What a statement does, without its values: the ORM writes some of them into the text. */
export function summarize(statement: string): { readonly operation: string; readonly table: string | undefined } {
  const start = statement.slice(0, maxSearchedCharacters).replace(literalPattern, "''");
  const operation = verbPattern.exec(start)?.[1]?.toUpperCase() ?? 'QUERY';
  return { operation, table: tablePattern.exec(start)?.[1] };
}
