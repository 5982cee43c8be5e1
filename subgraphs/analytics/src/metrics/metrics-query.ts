import { z } from 'zod';

export const measureKinds = [
  'COUNT',
  'COUNT_DISTINCT_USERS',
  'SUM',
  'AVERAGE',
  'MINIMUM',
  'MAXIMUM',
  'P50',
  'P95',
  'P99',
] as const;
export type MeasureKind = (typeof measureKinds)[number];

export const filterOperators = ['EQUALS', 'NOT_EQUALS', 'IN', 'GREATER_THAN', 'LESS_THAN', 'CONTAINS'] as const;
export type FilterOperator = (typeof filterOperators)[number];

export const granularities = ['SECOND', 'MINUTE', 'HOUR', 'DAY', 'WEEK', 'MONTH'] as const;
export type Granularity = (typeof granularities)[number];

/** What events can be told apart by. */
export type Dimension =
  { readonly kind: 'name' } | { readonly kind: 'user' } | { readonly kind: 'property'; readonly key: string };

const maxRangeDays = 400;
export const maxRows = 10_000;
/** Points on the time axis; a chart has fewer. */
const maxBuckets = 11_000;

const dayMs = 24 * 60 * 60 * 1_000;
const bucketMs: Readonly<Record<Granularity, number>> = {
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: dayMs,
  WEEK: 7 * dayMs,
  MONTH: 28 * dayMs,
};

/** Text that PostgreSQL can store and compare. */
const text = z
  .string()
  .max(1_000)
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be plain text');

const propertyKey = text.min(1).max(200);

const dimensionSchema = text.transform((name, issues): Dimension => {
  if (name === 'name' || name === 'user') return { kind: name };
  const prefix = 'properties.';
  if (name.startsWith(prefix) && name.length > prefix.length)
    return { kind: 'property', key: name.slice(prefix.length) };
  issues.addIssue({ code: 'custom', message: 'must be `name`, `user` or `properties.<key>`' });
  return z.NEVER;
});

const measureSchema = z
  .object({ name: text.min(1).max(100).nullish(), kind: z.enum(measureKinds), property: propertyKey.nullish() })
  .superRefine(({ kind, property }, issues) => {
    const counts = kind === 'COUNT' || kind === 'COUNT_DISTINCT_USERS';
    if (counts === (property === null || property === undefined)) return;
    const message = counts
      ? 'must be absent: this measure counts events'
      : 'is required: it names the numbers to measure';
    issues.addIssue({ code: 'custom', path: ['property'], message });
  })
  .transform(({ name, kind, property }) => ({
    kind,
    property: property ?? undefined,
    name: name ?? (property === null || property === undefined ? kind : `${kind}(${property})`),
  }));

const filterSchema = z
  .object({ dimension: dimensionSchema, operator: z.enum(filterOperators), values: z.array(text).min(1).max(100) })
  .superRefine(({ dimension, operator, values }, issues) => {
    const fault = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message });
    if (operator !== 'IN' && values.length > 1) fault('values', 'must be one, except for IN');
    if (operator !== 'GREATER_THAN' && operator !== 'LESS_THAN') return;
    if (dimension.kind !== 'property') fault('operator', 'compares numbers, which only properties hold');
    if (!values.every(isNumber)) fault('values', 'must be a number for this operator');
  });

const isNumber = (value: string): boolean => value.trim() !== '' && Number.isFinite(Number(value));

/** Names of the IANA database only: PostgreSQL takes other notations too, and reads the sign of some the other way round. */
const timeZoneSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/)
  .refine(isTimeZone, 'must be a time zone of the IANA database, e.g. `Europe/Berlin`');

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const metricsQuerySchema = z
  .object({
    measures: z.array(measureSchema).min(1).max(10),
    dimensions: z.array(dimensionSchema).max(5).nullish(),
    filters: z.array(filterSchema).max(20).nullish(),
    range: z.object({ from: z.date(), to: z.date() }),
    granularity: z.enum(granularities).nullish(),
    timeZone: timeZoneSchema.nullish(),
    limit: z.number().int().min(1).max(maxRows).nullish(),
  })
  .superRefine(({ measures, range, granularity }, issues) => {
    const fault = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message });
    if (new Set(measures.map(({ name }) => name)).size < measures.length)
      fault('measures', 'must have different names');
    const spanMs = range.to.getTime() - range.from.getTime();
    if (spanMs <= 0) fault('range', 'must end after it begins');
    if (spanMs > maxRangeDays * dayMs) fault('range', `must not be longer than ${maxRangeDays} days`);
    if (granularity !== null && granularity !== undefined && spanMs / bucketMs[granularity] > maxBuckets) {
      fault('granularity', `must be coarser: the range would hold more than ${maxBuckets} points`);
    }
  })
  .transform(({ dimensions, filters, granularity, timeZone, limit, ...query }) => ({
    ...query,
    dimensions: dimensions ?? [],
    filters: filters ?? [],
    granularity: granularity ?? undefined,
    timeZone: timeZone ?? 'UTC',
    limit: limit ?? 1_000,
  }));

/** A query that was checked and has its defaults. */
export type MetricsQuery = z.infer<typeof metricsQuerySchema>;
