import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import type { GraphQLFormattedError } from 'graphql';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startTokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const quick = '{ openAlerts }';

async function start(environment: Readonly<Record<string, string>>): Promise<RunningGateway> {
  const running = await startRunningGateway({
    environment: { MAX_CONCURRENT_OPERATIONS: '1', DEDUPLICATE_IN_FLIGHT: 'false', ...environment },
  });
  leftovers.defer('gateway', () => running.close());
  return running;
}

async function scraped(running: RunningGateway, name: string): Promise<number> {
  const line = new RegExp(`^${name}\\{service="gateway"\\} (\\d+)$`, 'm').exec(await running.metrics());
  return Number(line?.[1]);
}

/** Sends an operation that ends only when the subgraph is told to answer. */
async function occupy(running: RunningGateway): Promise<{ readonly answer: Promise<{ readonly status: number }> }> {
  const answer = running.post({ query: '{ slow }' });
  await eventually(async () => (await scraped(running, 'overload_in_flight')) === 1);
  return { answer };
}

/** Lets everything that is slow end, also what reaches the subgraph only later. */
function releaseAll(running: RunningGateway): void {
  const releasing = setInterval(() => running.subgraphs.releaseSlow(), 10);
  leftovers.defer('releasing', () => clearInterval(releasing));
}

test('who would wait too long is sent away with the time to come back, on every transport, and probes still answer', async () => {
  const running = await start({ MAX_QUEUE_MS: '200' });
  const socket = await openRawSocket(running.socketUrl);
  leftovers.defer('socket', () => socket.socket.close());
  await socket.initialise();
  const { answer: occupying } = await occupy(running);

  socket.send({ id: '1', type: 'subscribe', payload: { query: quick } });
  const refused = await running.post({ query: quick });
  const [overSocket] = (await socket.next()).payload as GraphQLFormattedError[];
  const probes = await Promise.all(['/health', '/ready'].map((path) => fetch(`${running.origin}${path}`)));

  expect([refused.status, refused.code]).toEqual([503, 'OVERLOADED']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(overSocket?.extensions).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: expect.any(Number) });
  expect(probes.map(({ status }) => status)).toEqual([200, 200]);
  expect(await scraped(running, 'overload_refusals_total')).toBe(2);
  expect(await scraped(running, 'overload_concurrency_limit')).toBe(1);

  releaseAll(running);
  expect((await occupying).status).toBe(200);
  expect((await running.post({ query: quick })).status).toBe(200);
});

test('who can be served in time waits and is served', async () => {
  const running = await start({});
  const { answer: occupying } = await occupy(running);

  const waiting = [running.post({ query: quick }), running.post({ query: quick })];
  await eventually(async () => (await scraped(running, 'overload_queue_length')) === 2);
  releaseAll(running);

  expect((await Promise.all([occupying, ...waiting])).map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('a full queue sends away before a body is read', async () => {
  const running = await start({ MAX_QUEUE_MS: '3000' });
  await occupy(running);
  // Nothing ends, so that less and less is taken to be possible within the wait.
  const flood = setInterval(() => void running.post({ query: quick }).catch(() => undefined), 20);
  leftovers.defer('flood', () => clearInterval(flood));

  const askWithoutBody = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': '1000' };
      const sending = httpRequest(running.url, { method: 'POST', headers });
      sending.on('response', ({ statusCode }) => {
        resolve(statusCode);
        sending.destroy();
      });
      sending.on('error', reject);
      // The rest of a small request is waited for a second, as it comes at once, before anybody looks at its head alone.
      sending.setTimeout(2_000, () => {
        resolve(undefined);
        sending.destroy();
      });
      sending.flushHeaders();
    });

  await eventually(async () => (await askWithoutBody()) === 503, 40_000);
  clearInterval(flood);
  releaseAll(running);
}, 60_000);

test('who leaves while waiting is not waited for', async () => {
  const running = await start({ MAX_QUEUE_MS: '60000' });
  const { answer: occupying } = await occupy(running);
  const leaving = new AbortController();

  const left = running.send({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: quick }),
    signal: leaving.signal,
  });
  const outcome = expect(left).rejects.toThrow();
  await eventually(async () => (await scraped(running, 'overload_queue_length')) === 1);
  leaving.abort();

  await outcome;
  await eventually(async () => (await scraped(running, 'overload_queue_length')) === 0);
  releaseAll(running);
  await occupying;
});

test('an operation that is refused after it was prepared gives its place back', async () => {
  const running = await start({});

  for (let count = 0; count < 3; count += 1) {
    const refused = await running.send({
      search: `?query=${encodeURIComponent('mutation { rename(id: "1", name: "x") { id } }')}`,
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(refused.status).toBe(405);
  }

  expect((await running.post({ query: quick })).status).toBe(200);
}, 20_000);

test('a tenant that floods waits behind itself: another is served next', async () => {
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const running = await start({ JWKS_URL: issuer.jwksUrl, MAX_QUEUE_MS: '60000' });
  const bearer = async () => ({ authorization: `Bearer ${await issuer.issue({ tid: randomUUID() })}` });
  const [flooding, quiet] = [await bearer(), await bearer()];
  let finished = 0;
  const send = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    await running.post({ query: '{ slow }' }, headers);
    return (finished += 1);
  };

  const flood = Array.from({ length: 20 }, () => send(flooding));
  await eventually(async () => (await scraped(running, 'overload_queue_length')) === 19);
  const served = send(quiet);
  await eventually(async () => (await scraped(running, 'overload_queue_length')) === 20);
  releaseAll(running);

  expect(await served).toBeLessThanOrEqual(3);
  await Promise.all(flood);
});
