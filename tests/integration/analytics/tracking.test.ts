import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, codeOf, track } from './analytics-client.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);

afterAll(() => harness.stop());

const batch = (size: number, prefix = 'message') =>
  Array.from({ length: size }, (_, index) => ({ messageId: `${prefix}-${index}`, properties: { index } }));

const countQuery = `query ($from: DateTime!, $to: DateTime!) {
  metrics(query: { measures: [{ kind: COUNT }], range: { from: $from, to: $to } }) { rows { measures { value } } } }`;

const aDay = () => ({ from: new Date(Date.now() - 43_200_000), to: new Date(Date.now() + 43_200_000) });

describe('track', () => {
  test('1,000 events are stored once, however often the batch is sent', async () => {
    const { admin } = aTenant();
    const events = batch(1_000);

    const first = await track(harness, admin, events);
    const second = await track(harness, admin, events);
    const count = await harness.request(admin, countQuery, aDay());

    expect(first.data?.track).toEqual({ accepted: 1_000, duplicates: 0 });
    expect(second.data?.track).toEqual({ accepted: 0, duplicates: 1_000 });
    expect(count.data.metrics.rows).toEqual([{ measures: [{ value: 1_000 }] }]);
  });

  test('a batch of 1,000 events is one insert', async () => {
    const { admin } = aTenant();
    harness.forgetQueries();

    await track(harness, admin, batch(1_000));

    expect(harness.queries.filter((sql) => /insert into event /.test(sql))).toHaveLength(1);
  });

  test('a message id that comes twice within one batch is counted as a duplicate', async () => {
    const { admin } = aTenant();

    const answer = await track(harness, admin, [{ messageId: 'a' }, { messageId: 'b' }, { messageId: 'a' }]);

    expect(answer.data?.track).toEqual({ accepted: 2, duplicates: 1 });
  });

  test('events without a message id are all different', async () => {
    const { admin } = aTenant();

    const answer = await track(harness, admin, [{}, {}]);

    expect(answer.data?.track).toEqual({ accepted: 2, duplicates: 0 });
  });

  test('two tenants may use the same message id', async () => {
    const [a, b] = [aTenant(), aTenant()];
    await track(harness, a.admin, [{ messageId: 'same' }]);

    const answer = await track(harness, b.admin, [{ messageId: 'same' }]);

    expect(answer.data?.track).toEqual({ accepted: 1, duplicates: 0 });
  });

  test('the same ids sent at the same time in another order are stored once and block nobody', async () => {
    const { admin } = aTenant();
    const events = batch(500);
    const calls = Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? events : events.toReversed()));

    const answers = await Promise.all(calls.map((call) => track(harness, admin, call)));

    expect(answers.map((answer) => answer.errors)).toEqual(calls.map(() => undefined));
    expect(answers.reduce((sum, answer) => sum + (answer.data?.track.accepted ?? 0), 0)).toBe(500);
  });

  test('a device whose clock is a week fast gets rid of its events, when it says so at the time at which they happened', async () => {
    const { admin } = aTenant();
    const weekMs = 7 * 86_400_000;
    const anHourAgo = new Date(Date.now() - 3_600_000);
    const fast = (date: Date) => new Date(date.getTime() + weekMs).toISOString();
    const mutation = 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }';
    const countOf = async (from: Date, to: Date) => {
      const answer = await harness.request(admin, countQuery, { from, to });
      return answer.data.metrics.rows.flatMap(({ measures }: { measures: { value: number }[] }) => measures[0]?.value);
    };

    const unsaid = await track(harness, admin, [{ occurredAt: fast(anHourAgo) }, {}]);
    const events = [{ name: 'thing.done', occurredAt: fast(anHourAgo) }];
    const said = await harness.request(admin, mutation, { input: { sentAt: fast(new Date()), events } });

    expect(unsaid.data?.track).toEqual({ accepted: 2, duplicates: 0 });
    expect(said.data.track).toEqual({ accepted: 1 });
    const halfAnHourAgo = new Date(Date.now() - 1_800_000);
    expect(await countOf(new Date(anHourAgo.getTime() - 1_800_000), halfAnHourAgo)).toEqual([1]);
    expect(await countOf(halfAnHourAgo, new Date(Date.now() + 1_000))).toEqual([2]);
  });

  test('a time of sending that is no date is refused', async () => {
    const mutation = 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }';
    const input = { sentAt: 'yesterday', events: [{ name: 'thing.done' }] };

    expect(codeOf(await harness.request(aTenant().admin, mutation, { input }))).toBe('BAD_USER_INPUT');
  });

  test.each([
    ['an empty batch', []],
    ['more than 1,000 events', batch(1_001)],
    ['an empty name', [{ name: '' }]],
    ['a name with control characters', [{ name: 'a\u0000b' }]],
    ['a name that is too long', [{ name: 'n'.repeat(201) }]],
    ['properties that are no object', [{ properties: [1, 2] }]],
    ['properties of more than 8 KB', [{ properties: { text: 'x'.repeat(8_200) } }]],
    ['properties with a NUL character', [{ properties: { text: 'a\u0000b' } }]],
    ['properties with half a surrogate pair', [{ properties: { text: '\ud800' } }]],
    ['an event of the last century', [{ occurredAt: '1999-12-31T23:59:59Z' }]],
    ['a message id that is too long', [{ messageId: 'm'.repeat(201) }]],
  ])('%s is refused as bad input', async (_case, events) => {
    const { admin } = aTenant();

    const answer = await track(harness, admin, events);

    expect(codeOf(answer as never)).toBe('BAD_USER_INPUT');
  });

  test('one bad event refuses the whole batch and names the field', async () => {
    const { admin } = aTenant();

    const answer = await track(harness, admin, [{ messageId: 'good' }, { messageId: 'bad', name: '' }]);
    const again = await track(harness, admin, [{ messageId: 'good' }]);

    expect(answer.errors?.[0]?.extensions.details).toMatchObject({ fields: [{ field: 'events.1.name' }] });
    expect(again.data?.track.accepted).toBe(1);
  });

  test('text that only looks like an escape is stored', async () => {
    const { admin } = aTenant();

    const answer = await track(harness, admin, [{ properties: { text: '\\u0000 \\\\ud800 😀' } }]);

    expect(answer.data?.track.accepted).toBe(1);
  });

  test('tracking needs a person with an active tenant', async () => {
    const answers = [await track(harness, anonymous, [{}]), await track(harness, aUser(), [{}])];

    expect(answers.map((answer) => codeOf(answer as never))).toEqual(['UNAUTHENTICATED', 'PRECONDITION_FAILED']);
  });
});
