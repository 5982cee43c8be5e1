import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anonymousPrincipal, verifyPrincipal } from '@tessera/service/identity';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const secret = 'a secret that gateway and subgraphs share';
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

const ask = (token: string) => running.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${token}` });

test('a caller with a token is told to the subgraphs by a signed principal', async () => {
  const claims = someClaims({
    tid: '0190c0de-0000-7000-8000-000000000001',
    roles: ['TENANT_ADMIN'],
    scope: 'files:read a',
  });

  const answer = await ask(await issuer.issue(claims));

  expect(JSON.parse(String(answer.body.data?.['whoAmI']))).toEqual({
    kind: 'user',
    userId: claims.sub,
    sessionId: claims.sid,
    tenantId: claims.tid,
    roles: ['TENANT_ADMIN'],
    scopes: ['files:read', 'a'],
  });
});

test('a caller without a token is anonymous', async () => {
  const answer = await running.post({ query: '{ whoAmI }' });

  expect(JSON.parse(String(answer.body.data?.['whoAmI']))).toEqual(anonymousPrincipal);
});

test('what a client says about its principal does not reach the subgraphs', async () => {
  const forged = Buffer.from(JSON.stringify({ kind: 'service', roles: [], scopes: [] })).toString('base64url');

  const answer = await running.post({ query: '{ whoAmI }' }, { 'x-tessera-principal': forged });

  expect(JSON.parse(String(answer.body.data?.['whoAmI']))).toEqual(anonymousPrincipal);
});

describe('a token that is there but not valid is UNAUTHENTICATED, with status 401', () => {
  const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = (header: object): string => {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const claims = { ...someClaims(), iss: 'tessera', aud: 'tessera', iat: nowSeconds, exp: nowSeconds + 60 };
    return `${base64({ typ: 'at+jwt', ...header })}.${base64(claims)}`;
  };
  const altered = async (): Promise<string> => {
    const [header = '', , signature = ''] = (await issuer.issue()).split('.');
    return `${header}.${base64(someClaims({ roles: ['SUPER_ADMIN'] }))}.${signature}`;
  };
  const tokens: Readonly<Record<string, () => Promise<string> | string>> = {
    'an expired one': () => issuer.issue({}, { lifetimeSeconds: -5 }),
    'one for another audience': () => issuer.issue({}, { audience: 'elsewhere' }),
    'one of another issuer': () => issuer.issue({}, { issuer: 'elsewhere' }),
    'one of another type': () => issuer.issue({}, { type: 'JWT' }),
    'one whose claims were altered': altered,
    'one without a signature': () => `${unsigned({ alg: 'none' })}.`,
    'one signed with a shared secret': () => {
      const text = unsigned({ alg: 'HS256' });
      return `${text}.${createHmac('sha256', 'x').update(text).digest('base64url')}`;
    },
    'one whose claims are not ours': () => issuer.issue({ sub: 'not-a-uuid' }),
    'one that is no token': () => 'nonsense',
    'one that is too long': () => 'x'.repeat(9_000),
    'an API key of another system': () => 'sk_live_1',
  };

  test.each(Object.keys(tokens))('%s', async (name) => {
    const answer = await ask((await tokens[name]?.()) ?? '');

    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  test('another scheme', async () => {
    const answer = await running.post({ query: '{ whoAmI }' }, { authorization: 'Basic YTpi' });

    expect(answer.code).toBe('UNAUTHENTICATED');
  });
});

test('a key that was rotated in is found, and tokens of the old one stay good', async () => {
  const old = await issuer.issue();
  await issuer.rotate();
  const recent = await issuer.issue();

  await eventually(async () => (await ask(recent)).status === 200);
  expect((await ask(old)).status).toBe(200);
});

test('tokens with keys that nobody knows do not make the gateway ask for keys again and again', async () => {
  const stranger = await startTokenIssuer();
  const before = issuer.fetches();
  const token = await stranger.issue();

  await Promise.all(Array.from({ length: 50 }, () => ask(token)));

  expect(issuer.fetches() - before).toBeLessThanOrEqual(1);
  await stranger.close();
});

test('the gateway publishes the keys', async () => {
  const keys = (await (await fetch(`${running.origin}/.well-known/jwks.json`)).json()) as { keys: unknown[] };

  expect(keys.keys.length).toBeGreaterThan(0);
});

test('keys that were had once serve while their issuer is away; without any the answer is SUBGRAPH_UNAVAILABLE', async () => {
  const leaving = await startTokenIssuer();
  const [token, another] = [await leaving.issue(), await leaving.issue()];
  const environment = { JWKS_URL: leaving.jwksUrl, PRINCIPAL_SECRET: secret };
  const warm = await startRunningGateway({ environment });
  const cold = await startRunningGateway({ environment });
  try {
    const query = { query: '{ openAlerts }' };
    await warm.post(query, { authorization: `Bearer ${token}` });
    await leaving.close();

    expect((await warm.post(query, { authorization: `Bearer ${another}` })).status).toBe(200);
    expect(await cold.post(query, { authorization: `Bearer ${another}` })).toMatchObject({
      status: 502,
      code: 'SUBGRAPH_UNAVAILABLE',
    });
    expect((await cold.post(query)).status).toBe(200);
  } finally {
    await Promise.all([warm.close(), cold.close()]);
  }
});

test('a stream is opened at its subgraph with the signed principal', async () => {
  const claims = someClaims();
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise({ authorization: `Bearer ${await issuer.issue(claims)}` });

  socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { countTo(last: 1) }' } });
  await socket.next();

  const payload = running.subgraphs.alerts.connections.at(-1) ?? {};
  const signed = { audience: 'alerts', method: 'GET', path: '/graphql', body: '' };
  const { principal } = verifyPrincipal([secret], signed, payload, Date.now());
  expect(principal).toMatchObject({ userId: claims.sub, sessionId: claims.sid });
  expect(payload).toHaveProperty('x-request-id');
  socket.socket.close();
});

test('before a foreign supergraph nobody is authenticated: the token is handed on as it came', async () => {
  const foreign = await startRunningGateway();
  try {
    const answer = await foreign.post({ query: '{ header(name: "authorization") }' }, { authorization: 'Basic YTpi' });
    expect(answer.body.data).toEqual({ header: 'Basic YTpi' });

    const socket = await openRawSocket(foreign.socketUrl);
    await socket.initialise({ authorization: 'Bearer theirs' });
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { countTo(last: 1) }' } });
    await socket.next();
    expect(foreign.subgraphs.alerts.connections.at(-1)).toMatchObject({ authorization: 'Bearer theirs' });
    socket.socket.close();
  } finally {
    await foreign.close();
  }
});
