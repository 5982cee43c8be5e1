import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, codeOf, track } from './analytics-client.js';

const from = new Date('2024-10-20T00:00:00Z');
const to = new Date('2024-10-30T00:00:00Z');

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { EVENT_MAX_AGE_DAYS: '40000' } });
}, 60_000);
afterAll(() => harness.stop());

const ask = (query: object, as = aTenant().admin) =>
  harness.request(as, 'query ($query: MetricsQuery!) { metrics(query: $query) { rows { at } } }', {
    query: { measures: [{ kind: 'COUNT' }], range: { from, to }, ...query },
  });

describe('a query of metrics', () => {
  test.each<[string, object]>([
    ['an unknown dimension', { dimensions: ['tenant_id'] }],
    ['SQL as a dimension', { dimensions: ['name; drop table event'] }],
    ['a time zone that is SQL', { granularity: 'DAY', timeZone: "UTC'; drop table event; --" }],
    ['an offset as time zone', { granularity: 'DAY', timeZone: '+02:00' }],
    ['a range that ends before it begins', { range: { from: to, to: from } }],
    ['a range of years', { range: { from: '2020-01-01T00:00:00Z', to } }],
    ['a range with too many steps', { granularity: 'SECOND' }],
    ['no measure', { measures: [] }],
    ['a sum of nothing', { measures: [{ kind: 'SUM' }] }],
    ['a count of a property', { measures: [{ kind: 'COUNT', property: 'amount' }] }],
    ['two measures of one name', { measures: [{ kind: 'COUNT' }, { kind: 'COUNT' }] }],
    ['a limit beyond the bound', { limit: 10_001 }],
    ['two values for EQUALS', { filters: [{ dimension: 'name', operator: 'EQUALS', values: ['a', 'b'] }] }],
    [
      'text for GREATER_THAN',
      { filters: [{ dimension: 'properties.a', operator: 'GREATER_THAN', values: ['1 or 1=1'] }] },
    ],
    ['GREATER_THAN on a name', { filters: [{ dimension: 'name', operator: 'GREATER_THAN', values: ['1'] }] }],
    ['a value with a NUL character', { filters: [{ dimension: 'name', operator: 'EQUALS', values: ['\u0000'] }] }],
  ])('%s is refused as bad input', async (_case, query) => {
    expect(codeOf(await ask(query))).toBe('BAD_USER_INPUT');
  });

  test('numbers too large to add up are the query’s fault', async () => {
    const { admin: other } = aTenant();
    await track(
      harness,
      other,
      [1, 2].map(() => ({ properties: { huge: 1.7e308 }, occurredAt: from.toISOString() })),
    );

    const answer = await ask({ measures: [{ kind: 'SUM', property: 'huge' }] }, other);

    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
  });
});
