import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

// A gateway of its own: pinged so often, a client of another test that a busy machine holds up would be taken for dead.
beforeAll(async () => {
  running = await startRunningGateway({ environment: { SOCKET_PING_INTERVAL_MS: '100' } });
});

afterAll(() => running.close());

test('a peer that does not answer pings is cut off', async () => {
  const socket = new WebSocket(running.socketUrl, 'graphql-transport-ws', { autoPong: false });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');

  const [code] = (await once(socket, 'close')) as [number];

  expect(code).toBe(1006);
});
