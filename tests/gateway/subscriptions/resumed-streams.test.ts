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
import { openRawStream } from '../support/raw-stream.js';

const query = 'subscription { changes { number } }';
const withSquares = 'subscription { changes { number square } }';

jest.setTimeout(60_000);

let graph: NumberedStreams;

beforeEach(async () => {
  graph = await startNumberedStreams();
});

afterEach(async () => {
  await graph.close();
});

test('a stream that is lost is opened again behind its last event: none is missing, none comes twice', async () => {
  const socket = await graph.openSocket();
  subscribe(socket, query);
  await graph.streams.untilStreams(1);
  graph.publish(1, 3);
  expect(await numbersOf(socket, 3)).toEqual([1, 2, 3]);

  graph.streams.cutSockets();
  graph.publish(4, 6);

  expect(await numbersOf(socket, 3)).toEqual([4, 5, 6]);
  expect(graph.streams.subscribes.map(({ extensions }) => extensions)).toEqual([
    { lastEventId: null },
    { lastEventId: '3' },
  ]);
  expect(await graph.metric('graphql_subscription_upstreams_reopened_total')).toBe(1);
});

test('a stream that is lost before its first event goes on from where it began', async () => {
  graph.publish(1, 2);
  const socket = await graph.openSocket();
  subscribe(socket, query, { lastEventId: null });
  expect(payloadOf(await socket.next())).toEqual({ data: null, extensions: { eventId: '2' } });

  graph.streams.cutSockets();
  graph.publish(3, 3);

  expect(await numbersOf(socket, 1)).toEqual([3]);
  expect(graph.streams.subscribes.at(-1)?.extensions).toEqual({ lastEventId: '2' });
});

test('a client that comes back with its last id gets what it missed out of the stream that is open', async () => {
  const watching = await graph.openSocket();
  subscribe(watching, withSquares);
  await graph.streams.untilStreams(1);
  graph.publish(1, 5);
  await numbersOf(watching, 5);

  const returning = await graph.openSocket();
  subscribe(returning, withSquares, { lastEventId: '2' });
  graph.publish(6, 6);

  expect(await numbersOf(returning, 4)).toEqual([3, 4, 5, 6]);
  expect(await numbersOf(watching, 1)).toEqual([6]);
  expect(graph.streams.subscribes).toHaveLength(1);
});

test('who returns from before the stream began has one of its own, until it has caught up', async () => {
  graph.publish(1, 4);
  const watching = await graph.openSocket();
  subscribe(watching, query, { lastEventId: null });
  await watching.next();

  const returning = await graph.openSocket();
  subscribe(returning, query, { lastEventId: '1' });

  expect(await numbersOf(returning, 3)).toEqual([2, 3, 4]);
  await eventually(async () => (await graph.metric('graphql_subscription_upstreams_active')) === 1);
  graph.publish(5, 6);
  expect(await numbersOf(returning, 2)).toEqual([5, 6]);
  expect(await numbersOf(watching, 2)).toEqual([5, 6]);
});

test('many who return to an empty gateway with different ids share one stream in the end', async () => {
  graph.publish(1, 20);
  const ids = [18, 20, 15, 20, 19, 1];
  const sockets = await Promise.all(ids.map(() => graph.openSocket()));
  sockets.forEach((socket, index) => subscribe(socket, withSquares, { lastEventId: String(ids[index]) }));

  const missed = await Promise.all(sockets.map((socket, index) => numbersOf(socket, 20 - (ids[index] ?? 0))));
  expect(missed).toEqual(ids.map((id) => range(id + 1, 20)));
  graph.publish(21, 21);
  expect(await Promise.all(sockets.map((socket) => numbersOf(socket, 1)))).toEqual(ids.map(() => [21]));
  await eventually(async () => (await graph.metric('graphql_subscription_upstreams_active')) === 1);

  graph.publish(22, 30);
  expect(await Promise.all(sockets.map((socket) => numbersOf(socket, 9)))).toEqual(ids.map(() => range(22, 30)));
});

test('an event stream tells ids, and goes on behind the id that the browser sends back', async () => {
  graph.publish(1, 2);
  const headers = { accept: 'text/event-stream' };
  const first = await openRawStream(graph.url, { headers, body: { query } });
  await first.untilText('id: 2\n\n');
  graph.publish(3, 3);
  await first.untilText('id: 3\nevent: next\n');
  first.vanish();
  graph.publish(4, 4);

  const second = await openRawStream(graph.url, { headers: { ...headers, 'last-event-id': '3' }, body: { query } });
  const text = await second.untilText('"number":4');

  expect(text).not.toContain('"number":3');
  second.vanish();
});

test('an event stream tells where it begins by an event to who asks for that', async () => {
  graph.publish(1, 2);
  const stream = await openRawStream(graph.url, {
    headers: { accept: 'text/event-stream' },
    body: { query, extensions: { lastEventId: null } },
  });

  await stream.untilText('id: 2\nevent: next\ndata: {"data":null,"extensions":{"eventId":"2"}}\n\n');
  stream.vanish();
});

test('a multipart stream tells ids in extensions, and takes one there', async () => {
  graph.publish(1, 2);
  const stream = await openRawStream(graph.url, {
    headers: { accept: 'multipart/mixed;subscriptionSpec=1.0, application/json' },
    body: { query, extensions: { lastEventId: '1' } },
  });

  await stream.untilText('{"payload":{"data":{"changes":{"number":2}},"extensions":{"eventId":"2"}}}');
  stream.vanish();
});

test('an event that may follow a gap says so, where events have no ids', async () => {
  const socket = await graph.openSocket();
  subscribe(socket, 'subscription { ticks { number } }');
  await graph.streams.untilStreams(1);
  graph.ticks.publish({ number: 1 });
  expect(payloadOf(await socket.next())).toEqual({ data: { ticks: { number: 1 } } });

  graph.streams.cutSockets();
  await eventually(() => graph.streams.subscribes.length === 2);
  await graph.streams.untilStreams(1);
  graph.ticks.publish({ number: 2 });
  graph.ticks.publish({ number: 3 });

  expect(payloadOf(await socket.next())).toEqual({
    data: { ticks: { number: 2 } },
    extensions: { mayFollowGap: true },
  });
  expect(payloadOf(await socket.next())).toEqual({ data: { ticks: { number: 3 } } });
});

test('what can be no id is refused', async () => {
  const socket = await graph.openSocket();

  for (const lastEventId of [7, 'x'.repeat(300), 'line\nend', {}]) {
    subscribe(socket, query, { lastEventId });
    expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  }
});
