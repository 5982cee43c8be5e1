import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  base64,
  byEcdsa,
  byEdwards,
  byHmac,
  byPss,
  byRsa,
  claimsEnding,
  edwards,
  foreign,
  goodClaims,
  goodHeader,
  jwkOf,
  p256,
  p384,
  pem,
  pssHeader,
  rsa,
  rsaPss,
  seconds,
  token,
  tokenOf,
} from '../support/forge-tokens.js';

const without = (name: string): object =>
  Object.fromEntries(Object.entries(goodClaims()).filter(([claim]) => claim !== name));
/** Of base64url; a signature of 64 bytes ends with a character of which four bits count. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const [goodHead = '', goodBody = '', goodSignature = ''] = token(goodHeader()).split('.');

/** Tokens that are wrong in one thing each. An attacker has keys of their own at a URL. */
export const tokenAttacks: Readonly<Record<string, (attackerUrl: string) => string>> = {
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
  'RS256 by a key for PS256': () =>
    token(pssHeader({ alg: 'RS256' }), goodClaims(), (text) => sign('sha256', Buffer.from(text), rsaPss.privateKey)),
  'PS256 that is signed as RS256 is': () =>
    token(pssHeader(), goodClaims(), (text) => sign('sha256', Buffer.from(text), rsaPss.privateKey)),
  'PS256 by an RSA key that is not for it': () => token(pssHeader({ kid: rsa.kid }), goodClaims(), byPss(rsa)),
  'PS256 without salt': () => token(pssHeader(), goodClaims(), byPss(rsaPss, 0)),
  'PS256 by somebody else': () => token(pssHeader(), goodClaims(), byPss(rsa)),
  'PS256 with a signature of zeros': () => token(pssHeader(), goodClaims(), () => Buffer.alloc(256)),
  'HS256 by the key for PS256 as PEM': () => token(pssHeader({ alg: 'HS256' }), goodClaims(), byHmac(pem(rsaPss))),
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
  'jku to the attacker’s keys': (attackerUrl) =>
    token(goodHeader({ kid: foreign.kid, jku: attackerUrl }), goodClaims(), byEdwards(foreign)),
  'x5u to the attacker’s certificate': (attackerUrl) =>
    token(goodHeader({ x5u: attackerUrl }), goodClaims(), byEdwards(foreign)),
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
