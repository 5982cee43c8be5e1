import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createHandler } from 'graphql-sse/lib/use/http';
import { eventually } from '../../support/eventually.js';
import { createTopic } from '../../support/streaming-subgraph.js';
import { buildAlertSchema, type AlertMessage } from '../support/alerting.js';
import { openRawSocket, type RawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const alerts = createTopic<AlertMessage>();
const requests: IncomingHttpHeaders[] = [];
/** Answers of streams that are open. */
const streams = new Set<ServerResponse>();
/** What the next request gets instead. */
let instead: ((response: ServerResponse) => void) | undefined;
let server: Server;
let running: RunningGateway;
const open: RawSocket[] = [];
const query = 'subscription { alerts { status person { name } } }';

beforeAll(async () => {
  const handle = createHandler({ schema: buildAlertSchema(alerts) });
  server = createServer((request, response) => {
    requests.push(request.headers);
    const answer = instead;
    instead = undefined;
    if (answer !== undefined) return answer(response);
    streams.add(response);
    response.once('close', () => streams.delete(response));
    void handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  running = await startRunningGateway({
    environment: { SUBGRAPH_STREAMS: 'alerts=sse', FORWARD_HEADERS: 'x-region' },
    subgraphUrls: new Map([['alerts', [`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql/stream`]]]),
  });
});

afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.terminate();
  await openStreams(0);
  requests.length = 0;
});

afterAll(async () => {
  await running.close();
  server.closeAllConnections();
  server.close();
});

/** Resolves when so many streams would get an event that is published now. */
const openStreams = (count: number): Promise<void> => eventually(() => alerts.listeners() === count);

async function subscribe(text = query, more: Readonly<Record<string, unknown>> = {}): Promise<RawSocket> {
  const socket = await openRawSocket(running.socketUrl);
  open.push(socket);
  await socket.initialise(more);
  socket.send({ id: '1', type: 'subscribe', payload: { query: text } });
  return socket;
}

test('a subgraph’s events come by graphql-sse, and other subgraphs fill in their fields', async () => {
  const socket = await subscribe(query, { 'x-region': 'north' });
  await openStreams(1);

  for (const userId of ['a', 'b']) alerts.publish({ status: 'FIRING', userId });

  for (const userId of ['a', 'b']) {
    expect((await socket.next()).payload).toEqual({
      data: { alerts: { status: 'FIRING', person: { name: `Name of ${userId}` } } },
    });
  }
  expect(requests[0]).toMatchObject({ accept: 'text/event-stream', 'x-region': 'north' });
});

test('a stream that the subgraph completes is completed, and what it refuses is refused with its reasons', async () => {
  const socket = await subscribe('subscription { countTo(last: 2) }');
  expect([await socket.next(), await socket.next(), await socket.next()]).toMatchObject([
    { payload: { data: { countTo: 1 } } },
    { payload: { data: { countTo: 2 } } },
    { type: 'complete' },
  ]);

  const refused = await subscribe('subscription { refused }');
  expect(JSON.stringify(await refused.next())).toContain('FORBIDDEN');
});

test('who leaves ends the stream at the subgraph at once', async () => {
  const socket = await subscribe();
  await openStreams(1);

  socket.send({ id: '1', type: 'complete' });

  await openStreams(0);
});

test('a stream that breaks, and one that ends without a word, is opened again', async () => {
  const socket = await subscribe();
  for (const end of [(response: ServerResponse) => response.destroy(), (response: ServerResponse) => response.end()]) {
    await openStreams(1);
    const before = requests.length;
    for (const response of streams) end(response);
    await eventually(() => requests.length > before && streams.size === 1 && alerts.listeners() === 1);
    alerts.publish({ status: 'RESOLVED', userId: 'c' });
    expect((await socket.next()).payload).toMatchObject({ data: { alerts: { status: 'RESOLVED' } } });
  }
});

test('an instance that answers 503 is asked again; one that answers with errors is believed', async () => {
  instead = (response) => response.writeHead(503).end();
  const socket = await subscribe();
  await openStreams(1);
  expect(requests).toHaveLength(2);
  alerts.publish({ status: 'FIRING', userId: 'd' });
  expect((await socket.next()).payload).toMatchObject({ data: { alerts: { status: 'FIRING' } } });

  const errors = [{ message: 'No', extensions: { code: 'FORBIDDEN' } }];
  instead = (response) =>
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
  const refused = await subscribe('subscription { alerts { status } }');
  expect(await refused.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] });
});

test('the id of an event is where the stream goes on when it was lost', async () => {
  const stream = (text: string) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text);
    streams.add(response);
    response.once('close', () => streams.delete(response));
  };
  const event = (id: number) =>
    `event: next\nid: ${id}\ndata: {"data":{"alerts":{"status":"${id}","person":{"__typename":"Person","id":"e"}}}}\n\n`;
  instead = stream(event(1));
  const socket = await subscribe();
  expect((await socket.next()).payload).toMatchObject({ data: { alerts: { status: '1' } } });
  instead = stream(event(1) + event(2));

  for (const response of streams) response.destroy();

  expect((await socket.next()).payload).toMatchObject({ data: { alerts: { status: '2' } } });
  expect(requests.map((headers) => headers['last-event-id'])).toEqual([undefined, '1']);
});
