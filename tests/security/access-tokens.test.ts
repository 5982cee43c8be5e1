import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKeySet } from '@tessera/gateway/guards/key-set';
import { openRawSocket } from '../gateway/support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../gateway/support/running-gateway.js';
import { eventually } from '../support/eventually.js';
import { quietLogger } from '../support/leftovers.js';
import { tokenAttacks } from './inputs/token-attacks.js';
import {
  byEcdsa,
  byEdwards,
  byPss,
  edwards,
  foreign,
  goodClaims,
  goodHeader,
  jwkOf,
  p256,
  p384,
  pssHeader,
  rsa,
  rsaPss,
  token,
  withId,
} from './support/forge-tokens.js';

let keyServer: Server;
let attackerServer: Server;
let attackerRequests = 0;
let gateway: RunningGateway;

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;

async function listen(answer: () => unknown): Promise<Server> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  keyServer = await listen(() => ({
    keys: [...[edwards, p256, p384, rsa].map(jwkOf), { ...jwkOf(rsaPss), alg: 'PS256' }],
  }));
  attackerServer = await listen(() => {
    attackerRequests += 1;
    return { keys: [jwkOf(foreign)] };
  });
  gateway = await startRunningGateway({
    environment: { JWKS_URL: urlOf(keyServer), PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share' },
  });
});

afterAll(async () => {
  await gateway.close();
  for (const server of [keyServer, attackerServer]) {
    server.closeAllConnections();
    server.close();
  }
});

const ask = (bearer: string) => gateway.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${bearer}` });

test.each([
  ['EdDSA', () => token(goodHeader())],
  ['ES256', () => token(goodHeader({ alg: 'ES256', kid: p256.kid }), goodClaims(), byEcdsa(p256, 'sha256'))],
  ['PS256', () => token(pssHeader(), goodClaims(), byPss(rsaPss))],
])('a good token by %s is let in: the ones below are wrong in one thing each', async (_algorithm, make) => {
  expect((await ask(make())).status).toBe(200);
});

describe('refused as UNAUTHENTICATED, before a subgraph hears of it', () => {
  test.each(Object.keys(tokenAttacks))('%s', async (name) => {
    const answer = await ask(tokenAttacks[name]?.(urlOf(attackerServer)) ?? '');

    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.body.data).toBeUndefined();
  });

  test.each(Object.keys(tokenAttacks))('in connection_init: %s', async (name) => {
    const socket = await openRawSocket(gateway.socketUrl);

    const authorization = `Bearer ${tokenAttacks[name]?.(urlOf(attackerServer)) ?? ''}`;
    socket.send({ type: 'connection_init', payload: { authorization } });

    expect(await socket.closed).toMatchObject({ code: 4403, reason: expect.stringContaining('UNAUTHENTICATED') });
  });

  test('two tokens in one header', async () => {
    expect(await ask(`${token(goodHeader())}, Bearer ${token(goodHeader())}`)).toMatchObject({ status: 401 });
  });

  test('a million characters on a socket', async () => {
    const socket = await openRawSocket(gateway.socketUrl);

    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${'x'.repeat(1_000_000)}` } });

    expect((await socket.closed).code).toBeGreaterThanOrEqual(4_400);
  });

  test('and nobody has asked the attacker for keys', () => {
    expect(attackerRequests).toBe(0);
  });
});

test('of tokens in two places on a socket the one in connection_init counts, and it alone has to be good', async () => {
  const [subject, bad] = [randomUUID(), `Bearer ${token(goodHeader(), goodClaims(), byEdwards(foreign))}`];
  const good = `Bearer ${token(goodHeader(), goodClaims({ sub: subject }))}`;
  const whoIs = async (ofUpgrade: string, ofInit: string): Promise<unknown> => {
    const socket = await openRawSocket(gateway.socketUrl, 'graphql-transport-ws', { authorization: ofUpgrade });
    socket.send({ type: 'connection_init', payload: { authorization: ofInit } });
    const first = await Promise.race([socket.next(), socket.closed]);
    if ('code' in first) return first.code;
    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ whoAmI }' } });
    const { payload } = await socket.next();
    socket.socket.close();
    return JSON.parse((payload as { data: { whoAmI: string } }).data.whoAmI).userId;
  };

  expect(await whoIs(bad, good)).toBe(subject);
  expect(await whoIs(good, bad)).toBe(4403);
});

describe('keys that come slowly while the gateway is new', () => {
  test('are asked for once, keep nobody waiting who has no token, and make no good token a bad one', async () => {
    let fetches = 0;
    const release = Promise.withResolvers<void>();
    const slow = createServer((_request, response) => {
      fetches += 1;
      void release.promise.then(() => response.end(JSON.stringify({ keys: [jwkOf(edwards)] })));
    });
    slow.listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const cold = await startRunningGateway({
      environment: { JWKS_URL: urlOf(slow), PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share' },
    });
    const authorization = `Bearer ${token(goodHeader())}`;
    const enter = async () => (await cold.post({ query: '{ openAlerts }' }, { authorization })).code;

    const entering = Array.from({ length: 20 }, enter);
    const anonymous = await cold.post({ query: '{ openAlerts }' });
    const asked = fetches;
    release.resolve();
    const codes = await Promise.all(entering);
    await eventually(async () => (await enter()) === undefined);

    expect(anonymous.status).toBe(200);
    expect(asked).toBeLessThanOrEqual(1);
    // On a busy machine the deadline of the fetch may pass meanwhile, which is no fault of the tokens.
    for (const code of codes) expect([undefined, 'SUBGRAPH_UNAVAILABLE']).toContain(code);
    await cold.close();
    slow.closeAllConnections();
    slow.close();
  });

  test('and are thousands let in whose key is among them, by HTTP and on a socket, and nobody else', async () => {
    const strangers = Array.from({ length: 10_000 }, (_, index) => ({ ...jwkOf(p256), kid: `stranger-${index}` }));
    const many = await listen(() => ({ keys: [...strangers, jwkOf(edwards)] }));
    const crowded = await startRunningGateway({
      environment: { JWKS_URL: urlOf(many), PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share' },
    });
    const good = `Bearer ${token(goodHeader())}`;
    const unknown = `Bearer ${token(goodHeader({ kid: 'stranger-10000' }))}`;
    const statusOf = async (authorization: string) =>
      (await crowded.post({ query: '{ openAlerts }' }, { authorization })).status;
    await eventually(async () => (await statusOf(good)) === 200);
    const socket = await openRawSocket(crowded.socketUrl);

    await socket.initialise({ authorization: good });

    expect(await statusOf(unknown)).toBe(401);
    expect(await statusOf(`Bearer ${token(goodHeader({ kid: 'stranger-7' }))}`)).toBe(401);
    socket.socket.close();
    await crowded.close();
    many.closeAllConnections();
    many.close();
  });
});

describe('the published keys', () => {
  test('may be thousands, and one that is removed verifies nothing any more', async () => {
    const strangers = Array.from({ length: 10_000 }, (_, index) => ({ ...jwkOf(foreign), kid: `stranger-${index}` }));
    let published: readonly object[] = [...strangers, jwkOf(edwards)];
    const server = await listen(() => ({ keys: published }));
    let nowMs = 0;
    const keySet = createKeySet({ url: urlOf(server), logger: quietLogger(), now: () => nowMs });

    expect((await keySet.keyFor(edwards.kid))?.algorithm).toBe('EdDSA');
    published = strangers;
    nowMs = 11 * 60_000;
    await keySet.keyFor('nobody knows this one');

    expect(await keySet.keyFor(edwards.kid)).toBeUndefined();
    expect(await keySet.keyFor('stranger-9999')).toBeDefined();
    server.closeAllConnections();
    server.close();
  });

  test('that are for something else, or broken, verify nothing', async () => {
    const { kid } = edwards;
    const shortRsa = withId(generateKeyPairSync('rsa', { modulusLength: 1_024 }));
    const keys = [
      { ...jwkOf(edwards), kid: 'encrypts', use: 'enc' },
      { ...jwkOf(edwards), kid: 'names another algorithm', alg: 'ES256' },
      { ...jwkOf(edwards), kid: 'broken', x: 'AA' },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' },
      jwkOf(p384),
      jwkOf(rsa),
      { ...jwkOf(rsa), kid: 'for RS256', alg: 'RS256' },
      { ...jwkOf(shortRsa), kid: 'too short', alg: 'PS256' },
      jwkOf(edwards),
    ];
    const server = await listen(() => ({ keys }));
    const keySet = createKeySet({ url: urlOf(server), logger: quietLogger() });

    const found = await Promise.all(keys.map((key) => keySet.keyFor(key.kid)));

    expect(found.map((key) => key !== undefined)).toEqual(keys.map((key) => key.kid === kid));
    server.closeAllConnections();
    server.close();
  });
});
