import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import {
  numbersOf,
  range,
  startNumberedStreams,
  subscribe,
  type Change,
  type NumberedStreams,
} from '../support/numbered-streams.js';
import { resume } from '../support/recipes/resume.js';

const withSquares = 'subscription { changes { number square } }';

jest.setTimeout(120_000);

let graph: NumberedStreams;

beforeEach(async () => {
  graph = await startNumberedStreams({ MAX_BUFFERED_EVENTS: '40', SOCKET_PING_INTERVAL_MS: '0' });
});

afterEach(() => graph.close());

test('who missed far more than is buffered for one subscriber gets all of it, and so do others who come back with it', async () => {
  graph.publish(1, 2_000);

  const returning = [await graph.openSocket(), await graph.openSocket()];
  for (const socket of returning) subscribe(socket, withSquares, { lastEventId: '0' });
  const missed = await Promise.all(returning.map((socket) => numbersOf(socket, 2_000)));
  graph.publish(2_001, 2_003);

  expect(missed).toEqual(returning.map(() => range(1, 2_000)));
  for (const socket of returning) expect(await numbersOf(socket, 3)).toEqual(range(2_001, 2_003));
});

test('who comes back to a stream that is open, from further behind than is buffered, misses nothing', async () => {
  const watching = await graph.openSocket();
  subscribe(watching, withSquares);
  await graph.streams.untilStreams(1);
  for (let number = 1; number <= 200; number += 1) {
    graph.publish(number, number);
    await numbersOf(watching, 1);
  }

  const returning = await graph.openSocket();
  subscribe(returning, withSquares, { lastEventId: '10' });
  expect(await numbersOf(returning, 190)).toEqual(range(11, 200));
  graph.publish(201, 203);

  expect(await numbersOf(returning, 3)).toEqual(range(201, 203));
  expect(await numbersOf(watching, 3)).toEqual(range(201, 203));
});

test('a stream that was lost for long goes on with all that was missed', async () => {
  const socket = await graph.openSocket();
  subscribe(socket, withSquares);
  await graph.streams.untilStreams(1);
  graph.publish(1, 1);
  await numbersOf(socket, 1);

  graph.streams.cutSockets();
  graph.publish(2, 2_000);

  expect(await numbersOf(socket, 1_999)).toEqual(range(2, 2_000));
});

test('a client that is closed with 4508, because it did not read, comes back and has missed nothing', async () => {
  const query = 'subscription { changes { number filling(bytes: 65536) } }';
  const events = 400;
  const sockets: WebSocket[] = [];
  const codes: unknown[] = [];
  const numbers: number[] = [];
  const client = createClient({
    url: graph.url.replace('http', 'ws'),
    retryAttempts: Number.POSITIVE_INFINITY,
    webSocketImpl: class extends WebSocket {
      constructor(...options: ConstructorParameters<typeof WebSocket>) {
        super(...options);
        sockets.push(this);
      }
    },
    on: { closed: (event) => codes.push((event as CloseEvent).code) },
  });
  const note = ({ data }: { readonly data?: unknown }): void => {
    numbers.push((data as { readonly changes: Change }).changes.number);
  };
  resume(client, { query }, { next: note, error: () => undefined, complete: () => undefined });
  const quick = await graph.openSocket();
  subscribe(quick, query);
  await eventually(async () => (await graph.metric('graphql_subscriptions_active')) === 2);
  await graph.streams.untilStreams(1);

  sockets[0]?.pause();
  for (let number = 1; number <= events; number += 1) {
    graph.publish(number, number);
    expect(await numbersOf(quick, 1)).toEqual([number]);
  }
  expect(await graph.metric('graphql_subscription_fell_behind_total')).toBe(1);
  sockets[0]?.resume();

  await eventually(() => numbers.length >= events, 60_000);
  expect(numbers).toEqual(range(1, events));
  // Who comes to it only after half a minute, on a machine that is slow enough, finds the socket cut.
  expect([4508, 1006]).toContain(codes[0]);
  await client.dispose();
});
