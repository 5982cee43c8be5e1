import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  running = await startRunningGateway({
    environment: { JWKS_URL: issuer.jwksUrl, PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share' },
  });
});

afterAll(async () => {
  await running.close();
  await issuer.close();
});

test.each([
  ['itself', (authorization: string) => ({ authorization })],
  ['in its headers', (authorization: string) => ({ headers: { Authorization: authorization } })],
])('the payload of connection_init says %s who asks on a socket', async (_where, payload) => {
  const claims = someClaims();
  const socket = await openRawSocket(running.socketUrl);

  await socket.initialise(payload(`Bearer ${await issuer.issue(claims)}`));
  socket.send({ type: 'subscribe', id: '1', payload: { query: '{ whoAmI }' } });

  expect(JSON.stringify((await socket.next()).payload)).toContain(claims.sub);
  socket.socket.close();
});

test('a token in connection_init that is not valid closes the socket with 4403', async () => {
  const socket = await openRawSocket(running.socketUrl);

  socket.send({ type: 'connection_init', payload: { authorization: 'Bearer nonsense' } });

  expect(await socket.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('UNAUTHENTICATED') });
});

test.each(['authorization', 'Authorization'])('so does one in its headers, as %s', async (name) => {
  const socket = await openRawSocket(running.socketUrl);

  socket.send({ type: 'connection_init', payload: { headers: { [name]: 'Bearer nonsense' } } });

  expect(await socket.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('UNAUTHENTICATED') });
});

test('so does something in its place that is no text', async () => {
  const socket = await openRawSocket(running.socketUrl);

  socket.send({ type: 'connection_init', payload: { authorization: { token: 'x' } } });

  expect(await socket.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('UNAUTHENTICATED') });
});

test('a token that expires closes its socket within a second, so that clients come back with a fresh one', async () => {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise({ authorization: `Bearer ${await issuer.issue({}, { lifetimeSeconds: 2 })}` });
  const startedAtMs = performance.now();
  socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { alerts { status } }' } });

  expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED: The access token has expired' });
  expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  await eventually(() => running.subgraphs.alerts.openStreams() === 0);
});

test('an answer under way when the token expires is still given; subscriptions end, and nothing begins', async () => {
  const claims = someClaims();
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise({ authorization: `Bearer ${await issuer.issue(claims)}` });
  const asked = running.subgraphs.people.requests.length;
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  socket.send({ id: '2', type: 'subscribe', payload: { query: 'subscription { alerts { status } }' } });
  await running.subgraphs.alerts.untilStreams(1);
  await eventually(() => running.subgraphs.people.requests.length > asked);

  const authorization = `Bearer ${await issuer.issue(claims, { lifetimeSeconds: 4 })}`;
  socket.send({ type: 'ping', payload: { authorization } });
  expect((await socket.next()).type).toBe('pong');
  const refused = { type: 'error', payload: [{ extensions: { code: 'UNAUTHENTICATED' } }] };
  expect(await socket.next()).toMatchObject({ ...refused, id: '2' });
  socket.send({ id: '3', type: 'subscribe', payload: { query: '{ openAlerts }' } });
  expect(await socket.next()).toMatchObject({ ...refused, id: '3' });
  running.subgraphs.releaseSlow();

  expect(await socket.next()).toMatchObject({ id: '1', type: 'next', payload: { data: { slow: 'done' } } });
  expect((await socket.closed).code).toBe(4403);
});
