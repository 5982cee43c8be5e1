import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { eventually } from '../../support/eventually.js';
import { openRawSocket } from '../support/raw-socket.js';
import { openRawStream } from '../support/raw-stream.js';
import { startRunningGateway } from '../support/running-gateway.js';

async function readiness(origin: string) {
  const response = await fetch(`${origin}/ready`);
  return { status: response.status, body: (await response.json()) as { status: string; checks: object } };
}

test('readiness names the subgraph that is down, and is lost only when all are', async () => {
  const running = await startRunningGateway();
  try {
    expect(await readiness(running.origin)).toMatchObject({ status: 200, body: { status: 'ready' } });

    await running.subgraphs.alerts.close();
    await eventually(async () => (await readiness(running.origin)).body.status === 'degraded');
    expect(await readiness(running.origin)).toMatchObject({
      status: 200,
      body: { checks: { people: 'up', alerts: 'down', subgraphs: 'up' } },
    });
    expect(await running.post({ query: '{ people { id } openAlerts }' })).toMatchObject({
      status: 200,
      code: 'SUBGRAPH_UNAVAILABLE',
    });

    await running.subgraphs.people.close();
    await eventually(async () => (await readiness(running.origin)).status === 503);
    expect((await fetch(`${running.origin}/health`)).status).toBe(200);
  } finally {
    await running.close();
  }
});

test('while it drains, readiness is false and requests under load go on being served, to the last one', async () => {
  const running = await startRunningGateway({ environment: { DRAIN_DELAY_MS: '700' } });
  const agent = new Agent({ connections: 20 });
  const body = JSON.stringify({ query: '{ openAlerts people { name } }' });
  const outcomes: number[] = [];
  let balancerSendsRequests = true;
  const client = async (): Promise<void> => {
    while (balancerSendsRequests) {
      const answer = await request(running.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        dispatcher: agent,
      });
      await answer.body.text();
      outcomes.push(answer.statusCode);
    }
  };
  const clients = Array.from({ length: 20 }, client);
  await eventually(() => outcomes.length > 100);

  const stopped = running.gateway.stop();
  await eventually(async () => (await readiness(running.origin)).status === 503);
  const servedBefore = outcomes.length;
  await eventually(() => outcomes.length > servedBefore + 50);
  balancerSendsRequests = false;
  await Promise.all(clients);
  await stopped;

  expect(new Set(outcomes)).toEqual(new Set([200]));
  await expect(fetch(running.url)).rejects.toThrow();
  await agent.close();
  await running.close();
});

test('clients who do not look away in time are answered or refused a new connection, and never cut off', async () => {
  const running = await startRunningGateway({ environment: { DRAIN_DELAY_MS: '300' } });
  const agent = new Agent({ connections: 20 });
  const outcomes: unknown[] = [];
  const client = async (): Promise<void> => {
    while (outcomes.at(-1) !== 'ECONNREFUSED') {
      const outcome = await request(running.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'mutation { rename(id: "1", name: "n") { name } }' }),
        dispatcher: agent,
      }).then(
        async ({ statusCode, body }) => body.text().then(() => statusCode),
        (error: NodeJS.ErrnoException) => error.code,
      );
      outcomes.push(outcome);
      if (outcome === 'ECONNREFUSED') return;
    }
  };
  const clients = Promise.all(Array.from({ length: 20 }, client));
  await eventually(() => outcomes.length > 100);

  await running.gateway.stop();
  await clients;

  expect(new Set(outcomes)).toEqual(new Set([200, 'ECONNREFUSED']));
  await agent.close();
  await running.close();
});

test('a request that is under way when the gateway stops is answered', async () => {
  const running = await startRunningGateway();
  const answer = running.post({ query: '{ slow }' });
  await eventually(() => running.subgraphs.people.requests.length === 1);

  const stopped = running.gateway.stop();
  running.subgraphs.releaseSlow();

  expect((await answer).body.data).toEqual({ slow: 'done' });
  await stopped;
  await running.close();
});

test('sockets are closed with 1001 one after the other over the drain, and their answers come first', async () => {
  const running = await startRunningGateway({ environment: { DRAIN_DELAY_MS: '600' } });
  const sockets = await Promise.all(Array.from({ length: 4 }, () => openRawSocket(running.socketUrl)));
  for (const socket of sockets) await socket.initialise();
  const [busy] = sockets;
  busy?.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await eventually(() => running.subgraphs.people.requests.length === 1);
  const closedAtMs: number[] = [];
  const startedAtMs = performance.now();
  for (const socket of sockets) socket.socket.once('close', () => closedAtMs.push(performance.now() - startedAtMs));

  const stopped = running.gateway.stop();
  await once(sockets[3]?.socket ?? process, 'close');
  running.subgraphs.releaseSlow();

  expect(await busy?.next()).toMatchObject({ type: 'next', payload: { data: { slow: 'done' } } });
  for (const socket of sockets) expect((await socket.closed).code).toBe(1001);
  expect(Math.max(...closedAtMs) - Math.min(...closedAtMs)).toBeGreaterThan(200);
  await stopped;
  await running.close();
});

test('streams are asked to move one after the other over the drain: an event stream just ends, multipart says why', async () => {
  const running = await startRunningGateway({
    environment: { DRAIN_DELAY_MS: '600', DEDUPLICATE_SUBSCRIPTIONS: 'false' },
  });
  const subscribe = (accept: string) =>
    openRawStream(running.url, { headers: { accept }, body: { query: 'subscription { alerts { status } }' } });
  const streams = [
    await subscribe('text/event-stream'),
    await subscribe('multipart/mixed;subscriptionSpec=1.0'),
    await subscribe('text/event-stream'),
  ];
  await running.subgraphs.alerts.untilStreams(3);
  const endedAtMs: number[] = [];
  const startedAtMs = performance.now();

  const stopped = running.gateway.stop();
  const wholes = await Promise.all(
    streams.map(async ({ ended }) => {
      const isWhole = await ended;
      endedAtMs.push(performance.now() - startedAtMs);
      return isWhole;
    }),
  );

  expect(wholes).toEqual([true, true, true]);
  expect(Math.max(...endedAtMs) - Math.min(...endedAtMs)).toBeGreaterThan(150);
  expect(streams[0]?.text()).not.toContain('complete');
  expect(streams[1]?.text()).toMatch(/"payload":null,"errors":\[\{.*"code":"OVERLOADED".*\r\n--graphql--\r\n$/s);
  await stopped;
  await running.close();
});
