import { createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKeySet } from '@tessera/gateway/guards/key-set';
import { openRawSocket } from '../gateway/support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../gateway/support/running-gateway.js';
import { quietLogger } from '../support/leftovers.js';
import { someClaims } from '../support/token-issuer.js';

interface Pair {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const withId = (pair: { publicKey: KeyObject; privateKey: KeyObject }): Pair => ({ ...pair, kid: randomUUID() });
const edwards = withId(generateKeyPairSync('ed25519'));
const p256 = withId(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const p384 = withId(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
const rsa = withId(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
/** Of an attacker, or of another environment: published nowhere that the gateway looks. */
const foreign = withId(generateKeyPairSync('ed25519'));

let keyServer: Server;
let attackerServer: Server;
let attackerRequests = 0;
let gateway: RunningGateway;

const jwkOf = ({ publicKey, kid }: Pair) => ({ ...publicKey.export({ format: 'jwk' }), kid });
const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;

async function listen(answer: () => unknown): Promise<Server> {
  const server = createServer((_request, response) => response.end(JSON.stringify(answer())));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

beforeAll(async () => {
  keyServer = await listen(() => ({ keys: [edwards, p256, p384, rsa].map(jwkOf) }));
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

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (): number => Math.floor(Date.now() / 1_000);
const goodClaims = (more: object = {}): object => {
  const now = seconds();
  return { ...someClaims(), iss: 'tessera', aud: 'tessera', iat: now, exp: now + 600, ...more };
};
const goodHeader = (more: object = {}): object => ({ alg: 'EdDSA', typ: 'at+jwt', kid: edwards.kid, ...more });

type Signer = (text: string) => Buffer;
const byEdwards =
  ({ privateKey }: Pair): Signer =>
  (text) =>
    sign(null, Buffer.from(text), privateKey);
const byEcdsa =
  ({ privateKey }: Pair, digest: string): Signer =>
  (text) =>
    sign(digest, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
const byRsa: Signer = (text) => sign('sha256', Buffer.from(text), rsa.privateKey);
const byHmac =
  (secret: string | Buffer): Signer =>
  (text) =>
    createHmac('sha256', secret).update(text).digest();

function token(header: object, claims: object = goodClaims(), signer: Signer = byEdwards(edwards)): string {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${signer(text).toString('base64url')}`;
}

/** A token whose parts are texts, not values: with what `JSON.stringify` would not write. */
function tokenOf(header: string, claims: string, signer: Signer = byEdwards(edwards)): string {
  const text = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${text}.${signer(text).toString('base64url')}`;
}

/** The good claims, with one of them written so at the end. */
const claimsEnding = (text: string): string => `${JSON.stringify(goodClaims()).slice(0, -1)},${text}}`;

const ask = (bearer: string) => gateway.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${bearer}` });

const without = (name: string): object =>
  Object.fromEntries(Object.entries(goodClaims()).filter(([claim]) => claim !== name));
const pem = (pair: Pair): string => pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
/** Of base64url; a signature of 64 bytes ends with a character of which four bits count. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const [goodHead = '', goodBody = '', goodSignature = ''] = token(goodHeader()).split('.');

test.each([
  ['EdDSA', () => token(goodHeader())],
  ['ES256', () => token(goodHeader({ alg: 'ES256', kid: p256.kid }), goodClaims(), byEcdsa(p256, 'sha256'))],
])('a good token by %s is let in: the ones below are wrong in one thing each', async (_algorithm, make) => {
  expect((await ask(make())).status).toBe(200);
});

const attacks: Readonly<Record<string, () => string>> = {
  // RFC 8725, 2.1 and 3.1: the algorithm is not the token's to choose.
  ...Object.fromEntries(
    ['none', 'None', 'NONE', 'nOnE'].flatMap((alg) => [
      [`alg ${alg} without a signature`, () => `${base64(goodHeader({ alg }))}.${base64(goodClaims())}.`],
      [`alg ${alg} with a signature`, () => token(goodHeader({ alg }))],
    ]),
  ),
  'HS256 by the public key as PEM': () => token(goodHeader({ alg: 'HS256' }), goodClaims(), byHmac(pem(edwards))),
  'HS256 by the public key as PEM without its last line break': () =>
    token(goodHeader({ alg: 'HS256' }), goodClaims(), byHmac(pem(edwards).trimEnd())),
  'HS256 by the RSA key as PEM': () =>
    token(goodHeader({ alg: 'HS256', kid: rsa.kid }), goodClaims(), byHmac(pem(rsa))),
  'HS256 by the bytes of the public key': () => {
    const { x = '' } = edwards.publicKey.export({ format: 'jwk' });
    return token(goodHeader({ alg: 'HS256' }), goodClaims(), byHmac(Buffer.from(x, 'base64url')));
  },
  'HS256 by an empty secret': () => token(goodHeader({ alg: 'HS256' }), goodClaims(), byHmac('')),
  'RS256 by a published key': () => token(goodHeader({ alg: 'RS256', kid: rsa.kid }), goodClaims(), byRsa),
  'ES384 by a published key': () =>
    token(goodHeader({ alg: 'ES384', kid: p384.kid }), goodClaims(), byEcdsa(p384, 'sha384')),
  'ES256 by a key of another curve': () =>
    token(goodHeader({ alg: 'ES256', kid: p384.kid }), goodClaims(), byEcdsa(p384, 'sha256')),
  'ES256 named for a key of EdDSA': () => token(goodHeader({ alg: 'ES256' }), goodClaims(), byEcdsa(p256, 'sha256')),
  'EdDSA named for a key of ES256': () => token(goodHeader({ kid: p256.kid })),
  'ES256 with r and s of zero': () =>
    token(goodHeader({ alg: 'ES256', kid: p256.kid }), goodClaims(), () => Buffer.alloc(64)),
  'ES256 with r of the order of the curve': () =>
    token(goodHeader({ alg: 'ES256', kid: p256.kid }), goodClaims(), () =>
      Buffer.from(`${'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'.repeat(2)}`, 'hex'),
    ),
  'ES256 with a signature in DER': () =>
    token(goodHeader({ alg: 'ES256', kid: p256.kid }), goodClaims(), (text) =>
      sign('sha256', Buffer.from(text), p256.privateKey),
    ),
  'algorithms as a list': () => token(goodHeader({ alg: ['EdDSA'] })),
  'EdDSA with a signature of zeros': () => token(goodHeader(), goodClaims(), () => Buffer.alloc(64)),
  'no algorithm': () => token({ typ: 'at+jwt', kid: edwards.kid }),

  // RFC 8725, 2.8 and 3.10: what the token says about its key is not believed.
  'a key in the token': () =>
    token(goodHeader({ kid: foreign.kid, jwk: jwkOf(foreign) }), goodClaims(), byEdwards(foreign)),
  'a key in the token beside a known id': () =>
    token(goodHeader({ jwk: jwkOf(foreign) }), goodClaims(), byEdwards(foreign)),
  'jku to the attacker’s keys': () =>
    token(goodHeader({ kid: foreign.kid, jku: urlOf(attackerServer) }), goodClaims(), byEdwards(foreign)),
  'x5u to the attacker’s certificate': () =>
    token(goodHeader({ x5u: urlOf(attackerServer) }), goodClaims(), byEdwards(foreign)),
  'a key of another environment': () => token(goodHeader({ kid: foreign.kid }), goodClaims(), byEdwards(foreign)),
  ...Object.fromEntries(
    ['../../dev/null', "' union select 'x' --", '$(id)', '', 'x'.repeat(4_000), '__proto__', 'constructor'].map(
      (kid) => [`kid ${JSON.stringify(kid.slice(0, 30))}`, () => token(goodHeader({ kid }), goodClaims(), byHmac(''))],
    ),
  ),
  'no kid': () => token({ alg: 'EdDSA', typ: 'at+jwt' }),
  'kid that is no text': () => token(goodHeader({ kid: { $ne: null } })),

  // RFC 7515, 4.1.11: what must be understood and is not.
  'crit that nobody knows': () => token(goodHeader({ crit: ['http://example.com/x'], 'http://example.com/x': 1 })),
  'crit that is empty': () => token(goodHeader({ crit: [] })),
  'crit that names what is not there': () => token(goodHeader({ crit: ['exp'] })),

  // RFC 8725, 2.7, 3.8 to 3.11: made by the issuer, but not for this.
  'typ of an ID token': () => token(goodHeader({ typ: 'JWT' })),
  'typ of a refresh token': () => token(goodHeader({ typ: 'rt+jwt' })),
  'no typ': () => token({ alg: 'EdDSA', kid: edwards.kid }),
  'no audience': () => token(goodHeader(), without('aud')),
  'another audience': () => token(goodHeader(), goodClaims({ aud: 'elsewhere' })),
  'other audiences': () => token(goodHeader(), goodClaims({ aud: ['elsewhere', 'tessera.example.com'] })),
  'no issuer': () => token(goodHeader(), without('iss')),
  'another issuer': () => token(goodHeader(), goodClaims({ iss: 'https://tessera.example.com' })),
  issuers: () => token(goodHeader(), goodClaims({ iss: ['tessera'] })),
  'no subject': () => token(goodHeader(), without('sub')),
  'no session': () => token(goodHeader(), without('sid')),
  'a subject that is no id': () => token(goodHeader(), goodClaims({ sub: '*' })),
  'a tenant that is no id': () => token(goodHeader(), goodClaims({ tid: '../other' })),
  'roles that are no list': () => token(goodHeader(), goodClaims({ roles: 'SUPER_ADMIN' })),
  'a version of rights that is no number': () => token(goodHeader(), goodClaims({ rv: '999' })),
  'an impersonator that is no id': () => token(goodHeader(), goodClaims({ act: { sub: 'boss' } })),

  // RFC 7519, 4.1: times.
  'no end': () => token(goodHeader(), without('exp')),
  'an end that is over': () => token(goodHeader(), goodClaims({ exp: seconds() - 1 })),
  'an end that is a text': () => token(goodHeader(), goodClaims({ exp: String(seconds() + 600) })),
  'an end that is null': () => token(goodHeader(), goodClaims({ exp: null })),
  'an end below zero': () => token(goodHeader(), goodClaims({ exp: -1 })),
  'an end beyond all numbers': () => tokenOf(JSON.stringify(goodHeader()), claimsEnding('"exp":1e999')),
  'an end that is written twice, the second one over': () =>
    tokenOf(JSON.stringify(goodHeader()), claimsEnding('"exp":1')),
  'an issue to come': () => token(goodHeader(), goodClaims({ iat: seconds() + 600 })),
  'an issue that is a text': () => token(goodHeader(), goodClaims({ iat: String(seconds()) })),
  'a beginning that is a text': () => token(goodHeader(), goodClaims({ nbf: String(seconds() - 1) })),
  'a beginning to come': () => token(goodHeader(), goodClaims({ nbf: seconds() + 600 })),

  // Form.
  'a signature that was cut off': () => `${goodHead}.${goodBody}.`,
  'two parts': () => `${goodHead}.${goodBody}`,
  'four parts': () => `${goodHead}.${goodBody}.${goodSignature}.${goodSignature}`,
  'another body under the signature': () =>
    `${goodHead}.${base64(goodClaims({ roles: ['SUPER_ADMIN'] }))}.${goodSignature}`,
  'another header under the signature': () => `${base64(goodHeader({ x: 1 }))}.${goodBody}.${goodSignature}`,
  'an algorithm that is written twice, the second one none': () =>
    tokenOf(`${JSON.stringify(goodHeader()).slice(0, -1)},"alg":"none"}`, JSON.stringify(goodClaims())),
  'a compressed body': () => {
    const body = deflateRawSync(JSON.stringify(goodClaims())).toString('base64url');
    const text = `${base64(goodHeader({ zip: 'DEF' }))}.${body}`;
    return `${text}.${byEdwards(edwards)(text).toString('base64url')}`;
  },
  'padding behind the signature': () => `${token(goodHeader())}==`,
  'another spelling of the same signature': () => {
    const text = token(goodHeader());
    const last = alphabet.indexOf(text.slice(-1));
    return `${text.slice(0, -1)}${alphabet[last + 1]}`;
  },
  'a space within': () => token(goodHeader()).replace('.', '. '),
  'a body that is no JSON': () => tokenOf(JSON.stringify(goodHeader()), '{"sub":'),
  'a header that is no JSON': () => tokenOf('alg: EdDSA', JSON.stringify(goodClaims())),
  'a body that is null': () => tokenOf(JSON.stringify(goodHeader()), 'null'),
  'a body that is no object': () => token(goodHeader(), [goodClaims()]),
  'an encrypted token that asks for ten million rounds': () =>
    [
      base64({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 10_000_000, p2s: 'AAAA' }),
      'AAAA',
      'AAAA',
      'AAAA',
      'AAAA',
    ].join('.'),
  'a refresh token': () => `tsr_${'A'.repeat(43)}`,
  'a client secret': () => `tss_${'A'.repeat(43)}`,
  'twelve thousand characters': () => token(goodHeader(), goodClaims({ filler: 'x'.repeat(9_000) })),
};

describe('refused as UNAUTHENTICATED, before a subgraph hears of it', () => {
  test.each(Object.keys(attacks))('%s', async (name) => {
    const answer = await ask(attacks[name]?.() ?? '');

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
    const keys = [
      { ...jwkOf(edwards), kid: 'encrypts', use: 'enc' },
      { ...jwkOf(edwards), kid: 'names another algorithm', alg: 'ES256' },
      { ...jwkOf(edwards), kid: 'broken', x: 'AA' },
      { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' },
      jwkOf(p384),
      jwkOf(rsa),
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
