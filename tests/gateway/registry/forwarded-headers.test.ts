import { afterEach, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createLeftovers } from '../../support/leftovers.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();

afterEach(() => leftovers.close());

async function aGateway() {
  const running = await startRunningGateway({ environment: { FORWARD_HEADERS: 'X-Region, accept-language' } });
  leftovers.defer('gateway', () => running.close());
  return running;
}

const query = '{ region: header(name: "x-region") cookie: header(name: "cookie") }';

test('subgraphs get the headers of the list and no others, over HTTP', async () => {
  const running = await aGateway();

  const { body } = await running.post({ query }, { 'x-region': 'eu', cookie: 'secret=1', 'x-tessera-principal': 'me' });

  expect(body).toEqual({ data: { region: 'eu', cookie: null } });
  expect(Object.keys(running.subgraphs.people.requests[0] ?? {})).not.toContain('x-tessera-principal');
});

test('subgraphs get the headers of the list over a socket, and none that would be two', async () => {
  const running = await aGateway();
  const socket = await openRawSocket(running.socketUrl);
  leftovers.defer('socket', () => socket.socket.close());
  await socket.initialise({ 'X-Region': 'us', 'accept-language': 'de\r\nx-tessera-principal: me' });

  socket.send({ id: '1', type: 'subscribe', payload: { query } });

  expect(await socket.next()).toMatchObject({ payload: { data: { region: 'us', cookie: null } } });
  const headers = running.subgraphs.people.requests[0] ?? {};
  expect(Object.keys(headers)).not.toContain('accept-language');
  expect(Object.keys(headers)).not.toContain('x-tessera-principal');
});

test('a token that no header can hold is refused', async () => {
  const running = await aGateway();
  const socket = await openRawSocket(running.socketUrl);

  socket.send({ type: 'connection_init', payload: { authorization: 'Bearer a\r\nx-tessera-principal: me' } });

  expect((await socket.closed).code).toBe(4403);
});

test.each(['connection', 'Transfer-Encoding', 'x-tessera-principal', 'host', 'content-length', 'a b'])(
  'the list must not have %s',
  (name) => {
    expect(() => loadGatewayConfig({ FORWARD_HEADERS: name })).toThrow(/FORWARD_HEADERS/);
  },
);
