import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginSubscriptionCallback } from '@apollo/server/plugin/subscriptionCallback';
import { startStandaloneServer } from '@apollo/server/standalone';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { eventually } from '../../support/eventually.js';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { freePort } from '../../support/free-port.js';
import { createTopic } from '../../support/streaming-subgraph.js';
import { buildAlertSchema, type AlertMessage } from '../support/alerting.js';
import { openRawSocket, type RawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

/** So long that no test depends on it. */
const heartbeatMs = 30_000;
const query = 'subscription { alerts { status person { name } } }';
const alerts = createTopic<AlertMessage>();
const apollo = new ApolloServer({
  schema: buildAlertSchema(alerts),
  plugins: [
    ApolloServerPluginSubscriptionCallback({ retry: { retries: 0 }, maxConsecutiveHeartbeatFailures: 1 }),
    ApolloServerPluginInlineTraceDisabled(),
  ],
});
/** A subgraph that says only what the test has it say. */
let silent: FakeSubgraph;
let running: RunningGateway;
let behindSilent: RunningGateway;
const open: RawSocket[] = [];

async function startCalledBack(url: string, intervalMs = heartbeatMs): Promise<RunningGateway> {
  const port = String(await freePort());
  return startRunningGateway({
    environment: {
      PORT: port,
      SUBGRAPH_STREAMS: 'alerts=callback',
      SUBSCRIPTION_CALLBACK_URL: `http://127.0.0.1:${port}/callback`,
      SUBSCRIPTION_HEARTBEAT_MS: String(intervalMs),
    },
    subgraphUrls: new Map([['alerts', [url]]]),
  });
}

beforeAll(async () => {
  const { url } = await startStandaloneServer(apollo, { listen: { port: 0, host: '127.0.0.1' } });
  running = await startCalledBack(url, 5_000);
  silent = await startFakeSubgraph();
  silent.answerAlways({ kind: 'json', body: { data: null } });
  behindSilent = await startCalledBack(silent.url);
});

afterEach(() => {
  for (const { socket } of open.splice(0)) socket.terminate();
});

afterAll(async () => {
  await Promise.all([running.close(), behindSilent.close()]);
  await Promise.all([apollo.stop(), silent.close()]);
});

async function subscribe(gateway: RunningGateway, text = query): Promise<RawSocket> {
  const socket = await openRawSocket(gateway.socketUrl);
  open.push(socket);
  await socket.initialise();
  socket.send({ id: '1', type: 'subscribe', payload: { query: text } });
  return socket;
}

interface Asked {
  readonly callbackUrl: string;
  readonly subscriptionId: string;
  readonly verifier: string;
  readonly heartbeatIntervalMs: number;
}

/** What the silent subgraph was asked last. */
async function asked(count: number): Promise<Asked> {
  await eventually(() => silent.requests.length >= count);
  const { rawBody } = silent.requests[count - 1] ?? { rawBody: '{}' };
  return (JSON.parse(rawBody) as { extensions: { subscription: Asked } }).extensions.subscription;
}

const say = (to: Asked, message: object, url = to.callbackUrl): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'subscription-protocol': 'callback/1.0' },
    body: JSON.stringify({ kind: 'subscription', id: to.subscriptionId, verifier: to.verifier, ...message }),
  });

test('Apollo Server sends its events by callback, and other subgraphs fill in their fields', async () => {
  const socket = await subscribe(running);
  const received = socket.next();
  let isReceived = false;
  void received.then(() => (isReceived = true));

  // It listens from some moment on that nobody announces.
  await eventually(() => {
    alerts.publish({ status: 'FIRING', userId: 'a' });
    return isReceived;
  });

  expect((await received).payload).toEqual({
    data: { alerts: { status: 'FIRING', person: { name: 'Name of a' } } },
  });
});

test('a stream that Apollo Server completes is completed, and what it refuses is refused', async () => {
  const counting = await subscribe(running, 'subscription { countTo(last: 2) }');
  expect([await counting.next(), await counting.next(), await counting.next()]).toMatchObject([
    { payload: { data: { countTo: 1 } } },
    { payload: { data: { countTo: 2 } } },
    { type: 'complete' },
  ]);

  const refused = await subscribe(running, 'subscription { refused }');
  expect(JSON.stringify(await refused.next())).toContain('Not for you');
});

test('what subgraphs are told and answered is as the protocol says', async () => {
  const before = silent.requests.length;
  const socket = await subscribe(behindSilent);
  const to = await asked(before + 1);
  expect(silent.requests[before]?.headers.accept).toContain('application/json;callbackSpec=1.0');
  expect(to).toMatchObject({
    heartbeatIntervalMs: heartbeatMs,
    callbackUrl: expect.stringContaining(to.subscriptionId),
  });

  const check = await say(to, { action: 'check' });
  expect([check.status, check.headers.get('subscription-protocol')]).toEqual([204, 'callback/1.0']);
  const payload = { data: { alerts: { status: 'FIRING', person: { __typename: 'Person', id: 'c' } } } };
  expect((await say(to, { action: 'next', payload })).status).toBe(200);
  expect((await socket.next()).payload).toEqual({
    data: { alerts: { status: 'FIRING', person: { name: 'Name of c' } } },
  });
  expect((await say(to, { action: 'complete' })).status).toBe(202);
  expect(await socket.next()).toMatchObject({ type: 'complete' });
  expect((await say(to, { action: 'check' })).status).toBe(404);
});

test('reasons of a completion reach the client', async () => {
  const before = silent.requests.length;
  const socket = await subscribe(behindSilent);
  const to = await asked(before + 1);

  await say(to, { action: 'complete', errors: [{ message: 'Enough', extensions: { code: 'FORBIDDEN' } }] });

  expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] });
});

test('who does not know a stream’s secret cannot speak for its subgraph', async () => {
  const before = silent.requests.length;
  const socket = await subscribe(behindSilent);
  const to = await asked(before + 1);
  const payload = { data: { alerts: { status: 'FORGED', person: { __typename: 'Person', id: 'd' } } } };

  const statuses = [
    await say({ ...to, verifier: 'guessed' }, { action: 'next', payload }),
    await say({ ...to, verifier: '' }, { action: 'complete' }),
    await say({ ...to, subscriptionId: randomUUID() }, { action: 'next', payload }),
    await say(to, { action: 'next', payload }, to.callbackUrl.replace(to.subscriptionId, randomUUID())),
    await say(to, { action: 'next' }),
    await say(to, { action: 'shout' }),
    await say(to, { kind: 'query' }),
  ].map(({ status }) => status);

  expect(statuses).toEqual([401, 401, 400, 404, 400, 400, 400]);
  await say(to, { action: 'next', payload: { data: { alerts: { ...payload.data.alerts, status: 'TRUE' } } } });
  expect((await socket.next()).payload).toMatchObject({ data: { alerts: { status: 'TRUE' } } });
});

test('a subgraph that is not heard of for two heartbeats is asked again, under another id', async () => {
  const impatient = await startCalledBack(silent.url, 100);
  try {
    const before = silent.requests.length;
    await subscribe(impatient);
    const first = await asked(before + 1);

    const second = await asked(before + 2);

    expect(second.subscriptionId).not.toBe(first.subscriptionId);
    expect((await say(first, { action: 'check' })).status).toBe(404);
  } finally {
    await impatient.close();
  }
});

test('who leaves is not sent to any more: the subgraph hears of it with its next request', async () => {
  const before = silent.requests.length;
  const socket = await subscribe(behindSilent);
  const to = await asked(before + 1);
  expect((await say(to, { action: 'check' })).status).toBe(204);

  socket.send({ id: '1', type: 'complete' });

  await eventually(async () => (await say(to, { action: 'check' })).status === 404);
});

test('a gateway that does not say where it is called back does not start', async () => {
  await expect(startRunningGateway({ environment: { SUBGRAPH_STREAMS: 'alerts=callback' } })).rejects.toThrow(
    'SUBSCRIPTION_CALLBACK_URL',
  );
  expect(() => loadGatewayConfig({ SUBGRAPH_STREAMS: 'alerts=pigeon' })).toThrow('SUBGRAPH_STREAMS');
});

test('a gateway that is told how to ask a subgraph that there is not does not start', async () => {
  const environment = { SUBGRAPH_STREAMS: 'alerts=sse,alert=sse' };
  await expect(startRunningGateway({ environment })).rejects.toThrow(
    'SUBGRAPH_STREAMS: the supergraph has no subgraph alert',
  );
  expect(() => loadGatewayConfig({ SUBGRAPH_STREAMS: 'alerts=sse, alerts=websocket' })).toThrow('names alerts twice');
});
