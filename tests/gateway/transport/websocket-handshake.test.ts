import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
});

afterAll(() => running.close());

test('the legacy subprotocol (subscriptions-transport-ws) is closed with 4406 and told which one is served', async () => {
  const socket = await openRawSocket(running.socketUrl, 'graphql-ws');

  socket.send({ type: 'start', id: '1', payload: { query: '{ openAlerts }' } });

  const { code, reason } = await socket.closed;
  expect(code).toBe(4406);
  expect(reason).toContain('graphql-transport-ws');
});

test('no subprotocol at all is closed with 4406 and told which one is served', async () => {
  const socket = new WebSocket(running.socketUrl);

  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];

  expect(code).toBe(4406);
  expect(String(reason)).toContain('use graphql-transport-ws');
});

test('who posts to another path is told where GraphQL is', async () => {
  const response = await fetch(`${running.origin}/`, { method: 'POST' });

  expect(response.status).toBe(404);
  expect(await response.text()).toContain('GraphQL is POST /graphql');
});

test('an unknown subprotocol is not taken up', async () => {
  const socket = new WebSocket(running.socketUrl, 'another');

  const [error] = (await once(socket, 'error')) as [Error];

  expect(error.message).toContain('subprotocol');
});

test('an upgrade elsewhere is answered with 404', async () => {
  const socket = new WebSocket(`${running.socketUrl}/other`, 'graphql-transport-ws');

  const [error] = (await once(socket, 'error')) as [Error];

  expect(error.message).toContain('404');
});

test('a client that leaves in the middle of the handshake does no harm', async () => {
  const upgrade = httpRequest(running.url, { headers: { connection: 'Upgrade', upgrade: 'websocket' } });
  upgrade.on('error', () => undefined);
  upgrade.flushHeaders();
  upgrade.destroy();

  expect((await running.post({ query: '{ openAlerts }' })).status).toBe(200);
});
