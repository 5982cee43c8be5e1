import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import type { Principal } from '@tessera/service/identity';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, track } from './analytics-client.js';
import { average, groupBy, numbersOf, percentile, startOfLocalDay, sum, type RememberedEvent } from './recount.js';

interface Row {
  readonly at: string | null;
  readonly dimensions: readonly { readonly name: string; readonly value: string | null }[];
  readonly measures: readonly { readonly name: string; readonly value: number | null }[];
}

const metricsQuery = `query ($query: MetricsQuery!) {
  metrics(query: $query) { truncated rows { at dimensions { name value } measures { name value } } } }`;

const from = new Date('2024-10-20T00:00:00Z');
const to = new Date('2024-10-30T00:00:00Z');
const names = ['page.viewed', 'order.completed', 'it’s "quoted"'];
const countries = ['DE', 'FR', "O'Hare"];

let harness: SubgraphHarness;
let admin: Principal;
let events: RememberedEvent[];

/** The same events on every run: without chance, a failure can be looked at again. */
function someEvents(userIds: readonly string[], size: number): RememberedEvent[] {
  return Array.from({ length: size }, (_, index) => ({
    name: names[index % names.length] ?? '',
    userId: userIds[index % userIds.length] ?? '',
    occurredAt: new Date(from.getTime() + ((index * 7_919_333) % (to.getTime() - from.getTime()))),
    properties: {
      ...(index % 4 === 3 ? {} : { country: countries[index % countries.length] }),
      ...(index % 5 === 0 ? { amount: 'not a number' } : { amount: ((index * 37) % 1_000) / 4 }),
      step: index % 7,
    },
  }));
}

beforeAll(async () => {
  // A week in which the clocks of Europe change, whatever today is.
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { EVENT_MAX_AGE_DAYS: '40000' } });
  const tenant = aTenant();
  admin = tenant.admin;
  const people = [tenant.admin, aUser({ tenantId: tenant.tenantId }), aUser({ tenantId: tenant.tenantId })];
  events = someEvents(
    people.map(({ userId }) => userId),
    1_500,
  );
  for (const person of people) {
    const own = events.filter(({ userId }) => userId === person.userId);
    const answer = await track(
      harness,
      person,
      own.map(({ name, occurredAt, properties }) => ({ name, properties, occurredAt: occurredAt.toISOString() })),
    );
    expect(answer.data?.track.accepted).toBe(own.length);
  }
}, 60_000);

afterAll(() => harness.stop());

const ask = (query: object, as = admin) =>
  harness.request<{ metrics: { rows: Row[]; truncated: boolean } }>(as, metricsQuery, {
    query: { measures: [{ kind: 'COUNT' }], range: { from, to }, ...query },
  });

async function rowsOf(query: object): Promise<Row[]> {
  const answer = await ask({ limit: 10_000, ...query });
  expect(answer.errors).toBeUndefined();
  return answer.data?.metrics.rows ?? [];
}

/** Rows as a map from time and dimensions to the measures' values. */
const asMap = (rows: readonly Row[]) =>
  new Map(
    rows.map(({ at, dimensions, measures }) => [
      JSON.stringify([...(at === null ? [] : [new Date(at).toISOString()]), ...dimensions.map(({ value }) => value)]),
      measures.map(({ value }) => value),
    ]),
  );

const floorTo = (stepMs: number) => (at: Date) => new Date(Math.floor(at.getTime() / stepMs) * stepMs);
const startOfWeek = (at: Date) =>
  new Date(floorTo(7 * 86_400_000)(new Date(at.getTime() - 4 * 86_400_000)).getTime() + 4 * 86_400_000);

describe('metrics', () => {
  test.each([
    ['MINUTE', 'UTC', floorTo(60_000)],
    ['HOUR', 'UTC', floorTo(3_600_000)],
    ['DAY', 'UTC', floorTo(86_400_000)],
    ['WEEK', 'UTC', startOfWeek],
    ['MONTH', 'UTC', () => new Date('2024-10-01T00:00:00Z')],
    ['DAY', 'Europe/Berlin', (at: Date) => startOfLocalDay(at, 'Europe/Berlin')],
    ['DAY', 'America/New_York', (at: Date) => startOfLocalDay(at, 'America/New_York')],
  ])('counts by %s in %s equal a recount by hand', async (granularity, timeZone, startOf) => {
    const range = granularity === 'MINUTE' ? { from, to: new Date(from.getTime() + 7 * 86_400_000) } : { from, to };
    const expected = groupBy(
      events.filter(({ occurredAt }) => occurredAt < range.to),
      ({ occurredAt, name }) => [startOf(occurredAt).toISOString(), name],
    );

    const rows = await rowsOf({ granularity, timeZone, range, dimensions: ['name'] });

    expect(asMap(rows)).toEqual(new Map([...expected].map(([key, group]) => [key, [group.length]])));
    expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).toSorted());
  });

  test('every measure equals a recount by hand, by person and by property', async () => {
    const kinds = ['SUM', 'AVERAGE', 'MINIMUM', 'MAXIMUM', 'P50', 'P95', 'P99'];
    const measures = [
      { kind: 'COUNT' },
      { kind: 'COUNT_DISTINCT_USERS', name: 'people' },
      ...kinds.map((kind) => ({ kind, property: 'amount' })),
    ];
    const expected = groupBy(events, ({ properties }) => [(properties['country'] as string | undefined) ?? null]);

    const rows = asMap(await rowsOf({ measures, dimensions: ['properties.country'] }));

    expect([...rows.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
    for (const [key, group] of expected) {
      const numbers = numbersOf(group, 'amount');
      const byHand = [
        group.length,
        new Set(group.map(({ userId }) => userId)).size,
        ...[sum(numbers), average(numbers), Math.min(...numbers), Math.max(...numbers)],
        ...[0.5, 0.95, 0.99].map((fraction) => percentile(numbers, fraction)),
      ];
      expect(rows.get(key)?.map((value) => value?.toFixed(6))).toEqual(byHand.map((value) => value?.toFixed(6)));
    }
  });

  test.each<[string, object, (event: RememberedEvent) => boolean]>([
    [
      'EQUALS on the name',
      { dimension: 'name', operator: 'EQUALS', values: [names[2]] },
      ({ name }) => name === names[2],
    ],
    [
      'NOT_EQUALS on a property, which what lacks it is too',
      { dimension: 'properties.country', operator: 'NOT_EQUALS', values: ['DE'] },
      ({ properties }) => properties['country'] !== 'DE',
    ],
    [
      'IN on a property',
      { dimension: 'properties.country', operator: 'IN', values: ["O'Hare", 'FR', '{}",\\'] },
      ({ properties }) => ["O'Hare", 'FR'].includes(String(properties['country'])),
    ],
    [
      'GREATER_THAN on numbers, which texts are not',
      { dimension: 'properties.amount', operator: 'GREATER_THAN', values: ['100.25'] },
      ({ properties }) => typeof properties['amount'] === 'number' && properties['amount'] > 100.25,
    ],
    [
      'LESS_THAN on numbers',
      { dimension: 'properties.step', operator: 'LESS_THAN', values: ['2'] },
      ({ properties }) => Number(properties['step']) < 2,
    ],
    [
      'CONTAINS without wildcards',
      { dimension: 'name', operator: 'CONTAINS', values: ['.'] },
      ({ name }) => name.includes('.'),
    ],
  ])('filter %s equals a recount by hand', async (_case, filter, isMeant) => {
    const rows = await rowsOf({ filters: [filter], dimensions: ['user'] });

    const expected = groupBy(events.filter(isMeant), ({ userId }) => [userId]);
    expect(expected.size).toBeGreaterThan(0);
    expect(asMap(rows)).toEqual(new Map([...expected].map(([key, group]) => [key, [group.length]])));
  });

  test('the range begins with its first moment and ends before its last', async () => {
    const [event] = events.toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
    const at = event?.occurredAt ?? from;
    const next = new Date(at.getTime() + 1);

    expect((await rowsOf({ range: { from: at, to: next } }))[0]?.measures[0]?.value).toBe(1);
    expect((await rowsOf({ range: { from: new Date(at.getTime() - 1), to: at } }))[0]?.measures[0]?.value).toBe(0);
  });

  test('totals come with the largest first, and say when there were more', async () => {
    const answer = await ask({ dimensions: ['properties.step', 'name'], limit: 2 });

    const values = answer.data?.metrics.rows.map(({ measures }) => measures[0]?.value ?? 0) ?? [];
    expect(answer.data?.metrics.truncated).toBe(true);
    expect(values).toHaveLength(2);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
  });

  test('measures have the names they were given, or ones made of kind and property', async () => {
    const measures = [
      { kind: 'COUNT' },
      { kind: 'SUM', property: 'amount' },
      { kind: 'P95', property: 'step', name: 'x' },
    ];

    const [row] = await rowsOf({ measures });

    expect(row?.measures.map(({ name }) => name)).toEqual(['COUNT', 'SUM(amount)', 'x']);
  });

  test('nothing of a client’s text becomes SQL', async () => {
    const attack = `x') from event where true; drop table event; select ('`;
    harness.forgetQueries();

    const answers = [
      await ask({ dimensions: [`properties.${attack}`] }),
      await ask({ measures: [{ kind: 'SUM', property: attack, name: attack }] }),
      await ask({ filters: [{ dimension: `properties.${attack}`, operator: 'CONTAINS', values: [attack] }] }),
      await ask({ filters: [{ dimension: 'name', operator: 'IN', values: [attack, `{"a"}`, '$1', '%'] }] }),
      await ask({ granularity: 'DAY', filters: [{ dimension: 'user', operator: 'EQUALS', values: [attack] }] }),
    ];

    expect(answers.map(({ errors }) => errors)).toEqual(answers.map(() => undefined));
    expect(harness.queries.filter((sql) => /drop table/.test(sql))).toEqual([]);
    expect((await rowsOf({}))[0]?.measures[0]?.value).toBe(events.length);
  });

  test('another tenant’s events do not exist', async () => {
    const answer = await ask({ dimensions: ['name'] }, aTenant().admin);

    expect(answer.data?.metrics.rows).toEqual([]);
  });
});
