import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import {
  numbersOf,
  payloadOf,
  range,
  startNumberedStreams,
  subscribe,
  type NumberedStreams,
} from '../support/numbered-streams.js';

jest.setTimeout(60_000);

let graph: NumberedStreams;

beforeEach(async () => {
  graph = await startNumberedStreams({ MAX_BUFFERED_EVENTS: '100000', MAX_BUFFERED_EVENT_BYTES: '100000000' });
});

afterEach(async () => {
  await graph.close();
});

async function watchers(count: number, query: string) {
  const sockets = await Promise.all(Array.from({ length: count }, () => graph.openSocket()));
  for (const socket of sockets) subscribe(socket, query);
  await graph.streams.untilStreams(1);
  return sockets;
}

test('subscriptions go on with another supergraph, on the same stream, and miss nothing', async () => {
  const sockets = await watchers(20, 'subscription { changes { number kind square } }');
  const stop = graph.publishSteadily();

  for (let reload = 1; reload <= 3; reload += 1) {
    await graph.gateway.offerSupergraph(
      graph.supergraph({ changeFields: `kind: String note: String more${reload}: Int` }),
    );
  }
  const number = stop();

  const numbers = await Promise.all(sockets.map((socket) => numbersOf(socket, number)));
  expect(numbers).toEqual(sockets.map(() => range(1, number)));
  graph.publish(number + 1, number + 1);
  expect(await Promise.all(sockets.map((socket) => numbersOf(socket, 1)))).toEqual(sockets.map(() => [number + 1]));
  expect(graph.streams.subscribes).toHaveLength(1);
  expect(await graph.metric('graphql_subscriptions_active')).toBe(20);
});

test('what waits for another subgraph while the supergraph changes is told once, and in order', async () => {
  const sockets = await watchers(30, 'subscription { changes { number square } }');
  const release = graph.holdSquares();
  const stop = graph.publishSteadily();

  await graph.gateway.offerSupergraph(graph.supergraph({ moreFields: 'extra: Int' }));
  await eventually(async () => (await graph.metric('graphql_subscription_events_received_total')) > 50);
  const number = stop();
  release();

  const numbers = await Promise.all(sockets.map((socket) => numbersOf(socket, number)));
  expect(numbers).toEqual(sockets.map(() => range(1, number)));
});

test('where a field has moved to another subgraph, another stream takes over behind the last event', async () => {
  const query = 'subscription { changes { number note } }';
  const sockets = await watchers(5, query);
  const stop = graph.publishSteadily();
  await eventually(async () => (await graph.metric('graphql_subscription_events_received_total')) > 20);

  await graph.gateway.offerSupergraph(graph.supergraph({ changeFields: 'kind: String', moreFields: 'note: String' }));
  await eventually(() => graph.streams.subscribes.length === 2);
  await graph.streams.untilStreams(1);
  const number = stop();

  const numbers = await Promise.all(sockets.map((socket) => numbersOf(socket, number)));
  expect(numbers).toEqual(sockets.map(() => range(1, number)));
  graph.publish(number + 1, number + 1);
  for (const socket of sockets) {
    expect(payloadOf(await socket.next()).data).toEqual({
      changes: { number: number + 1, note: 'noted by the other' },
    });
  }
});

test('what another supergraph does not know ends with the reason, and the others go on', async () => {
  const [gone] = await watchers(1, 'subscription { changes { number note } }');
  const staying = await graph.openSocket();
  subscribe(staying, 'subscription { changes { number kind } }');
  await graph.streams.untilStreams(2);

  await graph.gateway.offerSupergraph(graph.supergraph({ changeFields: 'kind: String' }));

  expect(await gone?.next()).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
  });
  await graph.streams.untilStreams(1);
  graph.publish(1, 1);
  expect(await numbersOf(staying, 1)).toEqual([1]);
});

test('a subscription whose events have no ids goes on too', async () => {
  const [socket] = await watchers(1, 'subscription { ticks { number } }');

  await graph.gateway.offerSupergraph(graph.supergraph({ moreFields: 'extra: Int' }));
  graph.ticks.publish({ number: 1 });

  expect(payloadOf((await socket?.next()) ?? { type: 'none' })).toEqual({ data: { ticks: { number: 1 } } });
  expect(graph.streams.subscribes).toHaveLength(1);
});

test('a subscription that is completed after a move leaves nothing behind', async () => {
  const [socket] = await watchers(1, 'subscription { changes { number } }');
  await graph.gateway.offerSupergraph(graph.supergraph({ moreFields: 'extra: Int' }));

  socket?.send({ id: '1', type: 'complete' });

  await graph.streams.untilStreams(0);
  await eventually(async () => (await graph.metric('graphql_subscriptions_active')) === 0);
  expect(await graph.metric('graphql_subscription_upstreams_active')).toBe(0);
});
