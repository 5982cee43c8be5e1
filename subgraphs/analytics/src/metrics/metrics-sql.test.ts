import { describe, expect, test } from '@jest/globals';
import { parseInput } from '@tessera/service/errors';
import { filterOperators, measureKinds, metricsQuerySchema } from './metrics-query.js';
import { buildMetricsSql } from './metrics-sql.js';

const range = { from: new Date('2024-01-01T00:00:00Z'), to: new Date('2024-02-01T00:00:00Z') };
const build = (query: object) =>
  buildMetricsSql('tenant', parseInput(metricsQuerySchema, { measures: [{ kind: 'COUNT' }], range, ...query }));

/** Makes a query that uses everything, with one text in every place where a client may put text. */
const everything = (text: string, value: string) =>
  build({
    measures: measureKinds.map((kind, index) => ({
      kind,
      name: `${text}${index}`,
      ...(kind.startsWith('COUNT') ? {} : { property: text }),
    })),
    dimensions: ['name', 'user', `properties.${text}`],
    filters: filterOperators.map((operator) => ({ dimension: `properties.${text}`, operator, values: [value] })),
    granularity: 'DAY',
    timeZone: 'Europe/Berlin',
  });

describe('SQL of a metrics query', () => {
  test('has the same text whatever a client writes', () => {
    const harmless = everything('country', '1');

    for (const text of [`'; drop table event; --`, '$1', '"x"', 'a) or (1=1', '\\']) {
      expect(everything(text, '2').text).toBe(harmless.text);
    }
  });

  test('has a placeholder for every parameter', () => {
    const { text, parameters } = everything('country', '1');

    const placeholders = new Set([...text.matchAll(/\$(\d+)::/g)].map(([, number]) => Number(number)));
    expect([...placeholders].toSorted((a, b) => a - b)).toEqual(parameters.map((_, index) => index + 1));
  });

  test('always looks at one tenant and one range, and reads one row more than asked for', () => {
    const { text, parameters } = build({ limit: 7 });

    expect(text).toMatch(/where tenant_id = \$1::uuid and occurred_at >= \$2::timestamptz and occurred_at < \$3::/);
    expect(parameters).toEqual(['tenant', '2024-01-01T00:00:00.000Z', '2024-02-01T00:00:00.000Z', 8]);
  });
});
