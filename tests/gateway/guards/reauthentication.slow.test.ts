import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { revocationChannel, verifyPrincipal } from '@tessera/service/identity';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket, type RawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const secret = 'a secret that gateway and subgraphs share';
const alerts = 'subscription { alerts { status } }';
const hub = createInProcessPubSubHub();
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  running = await startRunningGateway({
    environment: { JWKS_URL: issuer.jwksUrl, PRINCIPAL_SECRET: secret },
    adapters: { pubSub: hub },
  });
});

afterAll(async () => {
  await running.close();
  await issuer.close();
});

async function signIn(claims = someClaims(), lifetimeSeconds = 60): Promise<RawSocket> {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise({ authorization: `Bearer ${await issuer.issue(claims, { lifetimeSeconds })}` });
  return socket;
}

async function ping({ send }: RawSocket, token: string): Promise<void> {
  send({ type: 'ping', payload: { authorization: `Bearer ${token}` } });
}

test('a fresh token in a ping lets subscriptions go on beyond the end of the first', async () => {
  const claims = someClaims();
  const expiresAtMs = Date.now() + 6_000;
  const socket = await signIn(claims, 6);
  socket.send({ id: '1', type: 'subscribe', payload: { query: alerts } });
  await running.subgraphs.alerts.untilStreams(1);
  const opened = running.subgraphs.alerts.connections.length;

  await ping(socket, await issuer.issue(claims));
  expect(await socket.next()).toEqual({ type: 'pong', payload: { authenticated: true } });
  await pause(expiresAtMs + 500 - Date.now());

  running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: 'u' });
  expect(await socket.next()).toMatchObject({ id: '1', type: 'next' });
  expect(running.subgraphs.alerts.connections).toHaveLength(opened);
  socket.socket.close();
  await running.subgraphs.alerts.untilStreams(0);
});

test('the fresh token’s end is the socket’s', async () => {
  const claims = someClaims();
  const socket = await signIn(claims);

  await ping(socket, await issuer.issue(claims, { lifetimeSeconds: 1 }));

  expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED: The access token has expired' });
});

test('a token with other rights moves subscriptions: the subgraph is told, and events come once', async () => {
  const claims = someClaims({ tid: randomUUID() });
  const socket = await signIn(claims);
  socket.send({ id: '1', type: 'subscribe', payload: { query: alerts } });
  await running.subgraphs.alerts.untilStreams(1);
  const opened = running.subgraphs.alerts.connections.length;

  await ping(socket, await issuer.issue({ ...claims, roles: ['TENANT_ADMIN'] }));
  expect((await socket.next()).type).toBe('pong');
  await eventually(() => running.subgraphs.alerts.connections.length === opened + 1);
  await running.subgraphs.alerts.untilStreams(1);
  for (const status of ['FIRING', 'RESOLVED']) running.subgraphs.alertTopic.publish({ status, userId: 'u' });

  expect(await socket.next()).toMatchObject({ payload: { data: { alerts: { status: 'FIRING' } } } });
  expect(await socket.next()).toMatchObject({ payload: { data: { alerts: { status: 'RESOLVED' } } } });
  const signed = { audience: 'alerts', method: 'GET', path: '/graphql', body: '' };
  const payload = running.subgraphs.alerts.connections.at(-1) ?? {};
  expect(verifyPrincipal([secret], signed, payload, Date.now()).principal.roles).toEqual(['TENANT_ADMIN']);
  socket.socket.close();
  await running.subgraphs.alerts.untilStreams(0);
});

test('another person’s token, another tenant’s, and one that is not valid close the socket', async () => {
  const claims = someClaims();
  const tokens = [await issuer.issue(), await issuer.issue({ ...claims, tid: randomUUID() }), 'not.a.token'];

  for (const token of tokens) {
    const socket = await signIn(claims);
    await ping(socket, token);
    expect((await socket.closed).code).toBe(4403);
  }
});

test('a ping without a token is answered as it came, and so is one before the acknowledgement, without its token', async () => {
  const socket = await openRawSocket(running.socketUrl);

  await ping(socket, 'not.a.token');
  expect(await socket.next()).toEqual({ type: 'pong', payload: { authenticated: false } });
  await socket.initialise();
  socket.send({ type: 'ping', payload: { sentAt: 1 } });
  expect(await socket.next()).toEqual({ type: 'pong', payload: { sentAt: 1 } });
  socket.send({ type: 'ping' });
  expect(await socket.next()).toEqual({ type: 'pong' });
  socket.socket.close();
});

test('who got other rights may come back with a fresh token', async () => {
  const claims = someClaims();
  const socket = await signIn(claims);

  await hub.publish(revocationChannel, { sessionIds: [], renewed: [{ sessionId: claims.sid, rightsVersion: 1 }] });

  expect((await socket.closed).code).toBe(4403);
  const back = await signIn({ ...claims, rv: 1 });
  back.socket.close();
});

test('a graphql-ws client whose token expires comes back by itself, and its subscription goes on', async () => {
  const claims = someClaims();
  const lifetimes = [2, 60];
  const received: unknown[] = [];
  let connections = 0;
  const client = createClient({
    url: running.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: async () => {
      const lifetimeSeconds = lifetimes[Math.min(connections, 1)] ?? 60;
      return { authorization: `Bearer ${await issuer.issue(claims, { lifetimeSeconds })}` };
    },
    on: { connected: () => void (connections += 1) },
  });
  const leave = client.subscribe(
    { query: alerts },
    {
      next: ({ data }) => void received.push(data),
      error: (error) => void received.push(error),
      complete: () => undefined,
    },
  );

  await eventually(() => connections === 2);
  await running.subgraphs.alerts.untilStreams(1);
  await eventually(() => {
    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: 'u' });
    return received.length > 0;
  });

  expect(received[0]).toEqual({ alerts: { status: 'FIRING' } });
  leave();
  await client.dispose();
  await running.subgraphs.alerts.untilStreams(0);
});
