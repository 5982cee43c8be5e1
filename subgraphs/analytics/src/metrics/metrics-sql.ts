import type { Dimension, FilterOperator, Granularity, MeasureKind, MetricsQuery } from './metrics-query.js';

export interface SqlStatement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** Adds a value to the statement's parameters and answers its placeholder. */
type Bind = (value: unknown, type: string) => string;

const numericAggregates: Readonly<
  Record<Exclude<MeasureKind, 'COUNT' | 'COUNT_DISTINCT_USERS'>, (of: string) => string>
> = {
  SUM: (of) => `sum(${of})`,
  AVERAGE: (of) => `avg(${of})`,
  MINIMUM: (of) => `min(${of})`,
  MAXIMUM: (of) => `max(${of})`,
  P50: (of) => `percentile_cont(0.5) within group (order by ${of})`,
  P95: (of) => `percentile_cont(0.95) within group (order by ${of})`,
  P99: (of) => `percentile_cont(0.99) within group (order by ${of})`,
};

const units: Readonly<Record<Granularity, string>> = {
  SECOND: 'second',
  MINUTE: 'minute',
  HOUR: 'hour',
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
};

/**
 * Builds the one statement behind a metrics query. Its text is put together from the constants of this file alone:
 * whatever a client sent, the key of a property included, is a parameter.
 *
 * Columns: `at_ms` (with a granularity), `d0`, `d1`… as text, `m0`, `m1`… as numbers; one row more than the limit.
 */
export function buildMetricsSql(tenantId: string, query: MetricsQuery): SqlStatement {
  const parameters: unknown[] = [];
  const bind: Bind = (value, type) => `$${parameters.push(value)}::${type}`;

  const time =
    query.granularity === undefined
      ? undefined
      : `date_trunc('${units[query.granularity]}', occurred_at, ${bind(query.timeZone, 'text')})`;
  const dimensions = query.dimensions.map((dimension, index) => `${dimensionSql(dimension, bind)} as d${index}`);
  const measures = query.measures.map(
    ({ kind, property }, index) => `${measureSql(kind, property, bind)} as m${index}`,
  );
  const columns = [
    ...(time === undefined ? [] : [`(extract(epoch from ${time}) * 1000)::float8 as at_ms`]),
    ...dimensions,
    ...measures,
  ];
  const conditions = [
    `tenant_id = ${bind(tenantId, 'uuid')}`,
    `occurred_at >= ${bind(query.range.from.toISOString(), 'timestamptz')}`,
    `occurred_at < ${bind(query.range.to.toISOString(), 'timestamptz')}`,
    ...query.filters.map(({ dimension, operator, values }) => filterSql(dimension, operator, values, bind)),
  ];
  const groups = [...(time === undefined ? [] : ['at_ms']), ...query.dimensions.map((_, index) => `d${index}`)];
  const order = time === undefined ? ['m0 desc nulls last', ...groups] : groups;
  const text = [
    `select ${columns.join(', ')} from event where ${conditions.join(' and ')}`,
    ...(groups.length === 0 ? [] : [`group by ${groups.join(', ')}`]),
    `order by ${order.join(', ')} limit ${bind(query.limit + 1, 'integer')}`,
  ].join(' ');
  return { text, parameters };
}

function dimensionSql(dimension: Dimension, bind: Bind): string {
  if (dimension.kind === 'name') return 'name';
  if (dimension.kind === 'user') return 'user_id::text';
  return `(properties ->> ${bind(dimension.key, 'text')})`;
}

/** The property where it is a number; null where it is absent or anything else. */
function numberSql(key: string, bind: Bind): string {
  const placeholder = bind(key, 'text');
  return `(case when jsonb_typeof(properties -> ${placeholder}) = 'number'
    then (properties ->> ${placeholder})::float8 end)`;
}

function measureSql(kind: MeasureKind, property: string | undefined, bind: Bind): string {
  if (kind === 'COUNT') return 'count(*)::float8';
  if (kind === 'COUNT_DISTINCT_USERS') return 'count(distinct user_id)::float8';
  return numericAggregates[kind](numberSql(property ?? '', bind));
}

function filterSql(dimension: Dimension, operator: FilterOperator, values: readonly string[], bind: Bind): string {
  const [value = ''] = values;
  if (operator === 'GREATER_THAN' || operator === 'LESS_THAN') {
    const key = dimension.kind === 'property' ? dimension.key : '';
    return `${numberSql(key, bind)} ${operator === 'GREATER_THAN' ? '>' : '<'} ${bind(Number(value), 'float8')}`;
  }
  const actual = dimensionSql(dimension, bind);
  switch (operator) {
    case 'EQUALS':
      return `${actual} = ${bind(value, 'text')}`;
    case 'NOT_EQUALS':
      // What has no such property does not equal the value either.
      return `${actual} is distinct from ${bind(value, 'text')}`;
    case 'IN':
      return `${actual} = any(${bind([...values], 'text[]')})`;
    case 'CONTAINS':
      return `strpos(${actual}, ${bind(value, 'text')}) > 0`;
  }
}
