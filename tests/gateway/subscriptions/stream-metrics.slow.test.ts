import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { numbersOf, startNumberedStreams, subscribe, type NumberedStreams } from '../support/numbered-streams.js';

jest.setTimeout(60_000);

let graph: NumberedStreams;

beforeAll(async () => {
  graph = await startNumberedStreams();
});

afterAll(async () => {
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
