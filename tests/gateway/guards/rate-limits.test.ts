import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startTokenIssuer } from '../../support/token-issuer.js';
import { answerOver, statusesOf } from '../support/limited-requests.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

/** Without the gate for overload: what a busy machine makes it refuse would be counted here. */
async function start(environment: Readonly<Record<string, string>>): Promise<RunningGateway> {
  const running = await startRunningGateway({ environment: { MAX_CONCURRENT_OPERATIONS: '0', ...environment } });
  leftovers.defer('gateway', () => running.close());
  return running;
}

const query = '{ openAlerts }';

describe('anonymous requests of one address', () => {
  test('get through as many as the burst holds, and are then refused with how long to wait', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 20' });

    const first = await running.post({ query });
    const statuses = await statusesOf(59, () => running.post({ query }));
    const refused = await running.post({ query });

    expect(first.headers.get('ratelimit-policy')).toBe('"anonymous";q=20;w=72000');
    expect(first.headers.get('ratelimit')).toBe('"anonymous";r=19;t=3600');
    expect(statuses).toEqual({ 200: 19, 429: 40 });
    expect(refused.code).toBe('RATE_LIMITED');
    const { retryAfterSeconds, details } = refused.body.errors?.[0]?.extensions ?? {};
    expect(details).toEqual({ limit: 'anonymous' });
    expect(retryAfterSeconds).toBeGreaterThan(3_000);
    expect(retryAfterSeconds).toBeLessThanOrEqual(3_600);
    expect(refused.headers.get('retry-after')).toBe(String(retryAfterSeconds));
    expect(refused.headers.get('ratelimit')).toMatch(/^"anonymous";r=0;t=7[12]\d{3}$/);
  });

  test('are counted over all transports together', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 4' });
    const socket = await openRawSocket(running.socketUrl);
    leftovers.defer('socket', () => socket.socket.close());
    await socket.initialise();

    const overSocket = [await answerOver(socket, '1', query), await answerOver(socket, '2', query)];
    const overGet = await running.send({
      search: `?query=${encodeURIComponent(query)}`,
      headers: { 'apollo-require-preflight': 'true' },
    });
    const overPost = await running.post({ query });
    const refused = await running.post({ query });
    const refusedOverSocket = await answerOver(socket, '3', query);
    const refusedStream = await answerOver(socket, '4', 'subscription { countTo(last: 1) }');

    expect(overSocket.map(({ type }) => type)).toEqual(['next', 'next']);
    expect([overGet.status, overPost.status, refused.status]).toEqual([200, 200, 429]);
    expect(refusedOverSocket).toMatchObject({ type: 'error', extensions: { code: 'RATE_LIMITED' } });
    expect(refusedOverSocket.extensions?.['retryAfterSeconds']).toBeGreaterThan(0);
    expect(refusedStream).toMatchObject({ type: 'error', extensions: { code: 'RATE_LIMITED' } });
  });

  test('count also where no operation is found in them', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 3' });

    const codes = [];
    for (const text of ['{', '{ nothing }', '{ openAlerts', '{ openAlerts }']) {
      codes.push((await running.post({ query: text })).code);
    }

    expect(codes).toEqual([
      'GRAPHQL_PARSE_FAILED',
      'GRAPHQL_VALIDATION_FAILED',
      'GRAPHQL_PARSE_FAILED',
      'RATE_LIMITED',
    ]);
  });

  test('are refused before their body is read', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 1' });
    await running.post({ query });
    await running.post({ query });

    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest(running.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': '1000' },
      });
      sending.on('response', ({ statusCode }) => {
        resolve(statusCode);
        sending.destroy();
      });
      sending.on('error', reject);
      // The body never comes.
      sending.flushHeaders();
    });

    expect(status).toBe(429);
  });

  test('get through again when their time has come', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '30/min burst 1' });

    const statuses = await statusesOf(5, () => running.post({ query }));

    expect(statuses).toEqual({ 200: 1, 429: 4 });
    await eventually(async () => (await running.post({ query })).status === 200);
  });
});

describe('who is asked about behind a proxy', () => {
  const forwardedFor = (address: string) => ({ 'x-forwarded-for': address });

  test('is the connection itself where no proxy is trusted: another X-Forwarded-For is no way out', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 5' });

    const statuses = await statusesOf(20, (index) => running.post({ query }, forwardedFor(`198.51.100.${index}`)));

    expect(statuses).toEqual({ 200: 5, 429: 15 });
  });

  test('is the last hop before the trusted ones, whatever the client has put before it', async () => {
    const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 5', TRUSTED_PROXIES: 'loopback, 10.0.0.0/8' });

    const spoofing = await statusesOf(20, (index) =>
      running.post({ query }, forwardedFor(`203.0.113.${index}, 198.51.100.7, 10.0.0.${index}`)),
    );
    const sameNetwork = await statusesOf(20, (index) => running.post({ query }, forwardedFor(`2001:db8::${index}`)));
    const another = await running.post({ query }, forwardedFor('198.51.100.8'));

    expect(spoofing).toEqual({ 200: 5, 429: 15 });
    expect(sameNetwork).toEqual({ 200: 5, 429: 15 });
    expect(another.status).toBe(200);
  });
});

describe('a gateway that authenticates', () => {
  async function startAuthenticating(environment: Readonly<Record<string, string>>) {
    const issuer = await startTokenIssuer();
    leftovers.defer('issuer', () => issuer.close());
    const running = await start({ JWKS_URL: issuer.jwksUrl, ...environment });
    return { running, issuer };
  }

  test("counts each person, and nobody's requests against another's", async () => {
    const { running, issuer } = await startAuthenticating({ RATE_LIMIT_PERSON: '1/h burst 3' });
    const [one, other] = [`Bearer ${await issuer.issue()}`, `Bearer ${await issuer.issue()}`];

    const ofOne = await statusesOf(10, () => running.post({ query }, { authorization: one }));
    const ofOther = await running.post({ query }, { authorization: other });
    const ofNobody = await running.post({ query });

    expect(ofOne).toEqual({ 200: 3, 429: 7 });
    expect([ofOther.status, ofNobody.status]).toEqual([200, 200]);
    expect(ofOther.headers.get('ratelimit')).toMatch(/^"person";r=2;/);
  });

  test('limits who tries tokens that are not valid, and still lets that address renew its own', async () => {
    const { running } = await startAuthenticating({ RATE_LIMIT_ANONYMOUS: '1/h burst 3' });

    const attempts = await statusesOf(10, (index) =>
      running.post({ query }, { authorization: `Bearer guess${index}` }),
    );
    const anonymous = await running.post({ query });

    expect(attempts).toEqual({ 401: 3, 429: 7 });
    expect(anonymous.status).toBe(200);
  });

  test('has the limits of production unless it is told otherwise', async () => {
    const issuer = await startTokenIssuer();
    leftovers.defer('issuer', () => issuer.close());
    const running = await start({ JWKS_URL: issuer.jwksUrl, RATE_LIMITS: '' });
    const authorization = `Bearer ${await issuer.issue({ tid: '018f3c1e-0000-7000-8000-000000000001' })}`;

    const anonymous = await running.post({ query });
    const member = await running.post({ query }, { authorization });

    expect(anonymous.headers.get('ratelimit-policy')).toBe('"anonymous";q=20;w=2');
    expect(member.headers.get('ratelimit-policy')).toBe('"person";q=100;w=2, "tenant";q=200;w=2');
  });
});

test('what an operation costs is counted beside that it was asked', async () => {
  const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 100', RATE_LIMIT_ANONYMOUS_COST: '1/h burst 25' });

  const cheap = await running.post({ query });
  const dear = await running.post({ query: '{ people { name } more: people { name } }' });
  const another = await running.post({ query: '{ people { name } }' });

  expect(cheap.headers.get('ratelimit')).toMatch(/^"anonymous";r=99;t=\d+, "anonymousCost";r=24;/);
  expect(dear.headers.get('ratelimit')).toMatch(/"anonymousCost";r=4;/);
  expect(another.status).toBe(429);
  expect(another.body.errors?.[0]?.extensions?.['details']).toEqual({ limit: 'anonymousCost' });
});

describe('where nothing is limited', () => {
  test('answers say nothing of limits', async () => {
    const running = await start({ RATE_LIMITS: '' });

    const statuses = await statusesOf(100, () => running.post({ query }));
    const { headers } = await running.post({ query });

    expect(statuses).toEqual({ 200: 100 });
    expect(headers.get('ratelimit')).toBeNull();
  });
});

test('decisions are counted by rule', async () => {
  const running = await start({ RATE_LIMIT_ANONYMOUS: '1/h burst 2' });

  await statusesOf(5, () => running.post({ query }));

  const metrics = await running.metrics();
  expect(metrics).toMatch(/rate_limit_decisions_total\{rule="anonymous",outcome="allowed",service="gateway"\} 2/);
  expect(metrics).toMatch(/rate_limit_decisions_total\{rule="anonymous",outcome="refused",service="gateway"\} 3/);
  expect(metrics).toMatch(/rate_limit_degraded\{service="gateway"\} 0/);
});
