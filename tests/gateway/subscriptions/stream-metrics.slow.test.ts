import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { numbersOf, startNumberedStreams, subscribe, type NumberedStreams } from '../support/numbered-streams.js';

jest.setTimeout(60_000);

let graph: NumberedStreams;

beforeEach(async () => {
  graph = await startNumberedStreams();
});

afterEach(async () => {
  await graph.close();
});

test('subscriptions are counted by field, and how each ended', async () => {
  const socket = await graph.openSocket();
  subscribe(socket, 'subscription { changes { number } }', {}, '1');
  subscribe(socket, 'subscription { other: changes { number note } }', {}, '2');
  subscribe(socket, 'subscription { ...F } fragment F on Subscription { ticks { number } }', {}, '3');
  await graph.streams.untilStreams(3);
  expect(await graph.metric('graphql_subscription_field_active', 'field="changes"')).toBe(2);
  expect(await graph.metric('graphql_subscription_field_active', 'field="ticks"')).toBe(1);

  graph.publish(1, 1);
  await numbersOf(socket, 2);
  expect(await graph.metric('graphql_subscription_lag_seconds_count')).toBe(2);
  await graph.gateway.offerSupergraph(graph.supergraph({ changeFields: 'kind: String' }));
  await graph.streams.untilStreams(2);
  socket.socket.close();
  await graph.streams.untilStreams(0);

  await eventually(async () => (await graph.metric('graphql_subscription_field_active', 'field="ticks"')) === 0);
  expect(await graph.metric('graphql_subscription_field_active', 'field="changes"')).toBe(0);
  // Two have moved; the third was not valid any more.
  expect(await graph.metric('graphql_subscription_closed_total', 'reason="moved"')).toBe(3);
  expect(await graph.metric('graphql_subscription_closed_total', 'reason="left"')).toBe(2);
});

/** What the histogram of lag says. */
async function lag(part: 'sum' | 'count'): Promise<number> {
  return (await graph.metric(`graphql_subscription_lag_seconds_${part}`)) || 0;
}

test('how late an event is counts from its publication, unless that was before anybody listened', async () => {
  graph.changes.publish({ number: 1, publishedAtMs: Date.now() - 3_600_000 });
  const socket = await graph.openSocket();
  subscribe(socket, 'subscription { changes { number } }', { lastEventId: '0' });
  expect(await numbersOf(socket, 1)).toEqual([1]);
  expect(await lag('count')).toBe(0);

  const publishedAtMs = Date.now();
  await pause(400);
  graph.changes.publish({ number: 2, publishedAtMs });
  expect(await numbersOf(socket, 1)).toEqual([2]);

  expect(await lag('count')).toBe(1);
  expect(await lag('sum')).toBeGreaterThan(0.35);
  expect(await lag('sum')).toBeLessThan(600);
});

test('how long somebody was away who comes back is not counted', async () => {
  const watching = await graph.openSocket();
  subscribe(watching, 'subscription { changes { number } }', { lastEventId: null });
  await watching.next();
  graph.publish(1, 2);
  await numbersOf(watching, 2);
  expect(await lag('count')).toBe(2);

  const returning = await graph.openSocket();
  subscribe(returning, 'subscription { changes { number } }', { lastEventId: '1' });

  expect(await numbersOf(returning, 1)).toEqual([2]);
  expect(graph.streams.subscribes).toHaveLength(1);
  expect(await lag('count')).toBe(2);
});
