import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKeySet } from '@tessera/gateway/guards/key-set';
import { openRawSocket } from '../gateway/support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../gateway/support/running-gateway.js';
import { quietLogger } from '../support/leftovers.js';
import { tokenAttacks } from './inputs/token-attacks.js';
import {
  byEcdsa,
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
