import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const alerts = { query: 'subscription { alerts { status } }' };

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ environment: { MAX_BODY_BYTES: '5000', MAX_LIVE_CONNECTIONS: '3' } });
});

afterAll(() => running.close());

/** Writes bytes of its own after a proper handshake. @returns the code that the gateway closes with */
async function closeCodeOf(frames: readonly Buffer[]): Promise<number> {
  const { port } = new URL(running.url);
  const socket: Socket = connect(Number(port), '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => undefined);
  socket.write(
    'GET /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
      'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'sec-websocket-protocol: graphql-transport-ws\r\n\r\n',
  );
  await once(socket, 'data');
  for (const frame of frames) socket.write(frame);
  for (;;) {
    const bytes = Buffer.concat(received);
    const answer = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
    if (answer.length >= 4 || socket.destroyed) {
      socket.destroy();
      return answer[0] === 0x88 ? answer.readUInt16BE(2) : 0;
    }
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  }
}

/** A frame of a client, masked with zeros. */
function frame(firstByte: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from([firstByte, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

describe('frames', () => {
  test.each([
    ['that are not masked', [Buffer.from([0x81, 2, 0x7b, 0x7d])], 1002],
    ['with reserved bits', [frame(0xc1, '{}')], 1002],
    ['of a reserved kind', [frame(0x83, '{}')], 1002],
    ['of control that are in pieces', [frame(0x09, 'x')], 1002],
    ['that continue nothing', [frame(0x80, '{}')], 1002],
    ['of text that is no UTF-8', [frame(0x81, Buffer.from([0xff, 0xfe]))], 1007],
    ['in endless pieces', [frame(0x01, '{'), ...Array.from({ length: 60 }, () => frame(0x00, ' '.repeat(100)))], 1009],
    ['of nothing', [frame(0x81, '')], 4400],
  ])('%s close the socket alone', async (_name, frames, code) => {
    expect(await closeCodeOf(frames)).toBe(code);
    expect((await running.post({ query: '{ openAlerts }' })).status).toBe(200);
  });
});

describe('a subscription', () => {
  test('ends at its subgraph when the client says complete, and its id may be used again', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();

    for (let time = 0; time < 2; time += 1) {
      socket.send({ id: '1', type: 'subscribe', payload: alerts });
      await running.subgraphs.alerts.untilStreams(1);
      socket.send({ id: '1', type: 'complete' });
      await running.subgraphs.alerts.untilStreams(0);
    }

    socket.socket.close();
  });

  test('ends at its subgraph when the client is gone without a word', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();
    socket.send({ id: '1', type: 'subscribe', payload: alerts });
    await running.subgraphs.alerts.untilStreams(1);

    socket.socket.terminate();

    await running.subgraphs.alerts.untilStreams(0);
  });

  test('goes on when the sockets of its subgraph are cut', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();
    socket.send({ id: '1', type: 'subscribe', payload: alerts });
    await running.subgraphs.alerts.untilStreams(1);

    running.subgraphs.alerts.cutSockets();
    await running.subgraphs.alerts.untilStreams(0);
    await running.subgraphs.alerts.untilStreams(1);
    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });

    expect(await socket.next()).toMatchObject({
      id: '1',
      type: 'next',
      payload: { data: { alerts: { status: 'FIRING' } } },
    });
    socket.socket.close();
  });

  test('that was stopped is not heard of again', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();
    socket.send({ id: '1', type: 'subscribe', payload: alerts });
    await running.subgraphs.alerts.untilStreams(1);

    socket.send({ id: '1', type: 'complete' });
    await running.subgraphs.alerts.untilStreams(0);
    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });
    socket.send({ id: '2', type: 'subscribe', payload: { query: '{ openAlerts }' } });

    expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
    socket.socket.close();
  });
});

test('a query that the client does not wait for any more ends at its subgraph', async () => {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  const aborted = async (): Promise<boolean> =>
    /graphql_subgraph_requests_total\{[^}]*outcome="aborted"[^}]*\} [1-9]/.test(await running.metrics());
  const before = running.subgraphs.people.requests.length;
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await eventually(() => running.subgraphs.people.requests.length > before);
  expect(await aborted()).toBe(false);

  socket.send({ id: '1', type: 'complete' });

  await eventually(aborted);
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ openAlerts }' } });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  socket.socket.close();
});

test('one socket more than the gateway holds is refused with 503 before the handshake', async () => {
  const sockets = await Promise.all([1, 2, 3].map(() => openRawSocket(running.socketUrl)));
  const refused = new WebSocket(running.socketUrl, 'graphql-transport-ws');

  const [error] = (await once(refused, 'error')) as [Error];

  expect(error.message).toContain('503');
  for (const { socket } of sockets) socket.close();
});
