import { sqlOf } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { metricsQuerySchema, type Dimension, type MetricsQuery } from './metrics-query.js';
import { buildMetricsSql } from './metrics-sql.js';

export interface MetricsRow {
  /** Where the row's time begins; null for a total. */
  readonly at: Date | null;
  readonly dimensions: readonly { readonly name: string; readonly value: string | null }[];
  readonly measures: readonly { readonly name: string; readonly value: number | null }[];
}

export interface MetricsResult {
  readonly rows: readonly MetricsRow[];
  /** Whether there were more rows than the limit. */
  readonly truncated: boolean;
}

type ResultRow = Readonly<Record<string, string | number | null>>;

/** Outcomes of PostgreSQL that are the query's fault, not ours (SQLSTATE). */
const faultsOfQuery: Readonly<Record<string, () => AppError>> = {
  '22003': () => new AppError('BAD_USER_INPUT', 'Measure is out of range: its numbers are too large to add up'),
  '22023': () => new AppError('BAD_USER_INPUT', 'Time zone is not known'),
  '57014': () => new AppError('OPERATION_TOO_COMPLEX', 'Metrics query took too long: narrow its range or its filters'),
};

/** Answers questions about tracked events. */
export class MetricsService {
  /** Measures the active tenant's events. */
  async query({ principal, scope }: Caller, input: unknown): Promise<MetricsResult> {
    const { tenantId } = requirePermission(principal, 'metrics:read');
    const query = parseInput(metricsQuerySchema, input);
    const { text, parameters } = buildMetricsSql(tenantId, query);
    const reading = scope.readStale((entityManager) => sqlOf(entityManager)<ResultRow>(text, parameters));
    const rows = await reading.catch((error: unknown) => {
      const code = (error as { readonly code?: unknown }).code;
      throw (typeof code === 'string' ? faultsOfQuery[code]?.() : undefined) ?? error;
    });
    return {
      rows: rows.slice(0, query.limit).map((row) => toMetricsRow(row, query)),
      truncated: rows.length > query.limit,
    };
  }
}

function toMetricsRow(row: ResultRow, { dimensions, measures }: MetricsQuery): MetricsRow {
  const atMs = row['at_ms'];
  return {
    at: typeof atMs === 'number' ? new Date(atMs) : null,
    dimensions: dimensions.map((dimension, index) => ({
      name: dimensionName(dimension),
      value: (row[`d${index}`] ?? null) as string | null,
    })),
    measures: measures.map(({ name }, index) => ({ name, value: (row[`m${index}`] ?? null) as number | null })),
  };
}

function dimensionName(dimension: Dimension): string {
  return dimension.kind === 'property' ? `properties.${dimension.key}` : dimension.kind;
}
