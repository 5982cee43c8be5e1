import { constants, createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { someClaims } from '../../support/token-issuer.js';

export interface Pair {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const withId = (pair: { publicKey: KeyObject; privateKey: KeyObject }): Pair => ({ ...pair, kid: randomUUID() });
export const edwards = withId(generateKeyPairSync('ed25519'));
export const p256 = withId(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
export const p384 = withId(generateKeyPairSync('ec', { namedCurve: 'P-384' }));
export const rsa = withId(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
/** For PS256, as its JWK says; the one above says nothing, and is for nothing. */
export const rsaPss = withId(generateKeyPairSync('rsa', { modulusLength: 2_048 }));
/** Of an attacker, or of another environment: published nowhere that the gateway looks. */
export const foreign = withId(generateKeyPairSync('ed25519'));
export const jwkOf = ({ publicKey, kid }: Pair) => ({ ...publicKey.export({ format: 'jwk' }), kid });

export const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
export const seconds = (): number => Math.floor(Date.now() / 1_000);
export const goodClaims = (more: object = {}): object => {
  const now = seconds();
  return { ...someClaims(), iss: 'tessera', aud: 'tessera', iat: now, exp: now + 600, ...more };
};
export const goodHeader = (more: object = {}): object => ({ alg: 'EdDSA', typ: 'at+jwt', kid: edwards.kid, ...more });

export type Signer = (text: string) => Buffer;
export const byEdwards =
  ({ privateKey }: Pair): Signer =>
  (text) =>
    sign(null, Buffer.from(text), privateKey);
export const byEcdsa =
  ({ privateKey }: Pair, digest: string): Signer =>
  (text) =>
    sign(digest, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
export const byRsa: Signer = (text) => sign('sha256', Buffer.from(text), rsa.privateKey);
export const byPss =
  (pair: Pair, saltLength = 32): Signer =>
  (text) =>
    sign('sha256', Buffer.from(text), {
      key: pair.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength,
    });
export const pssHeader = (more: object = {}): object => goodHeader({ alg: 'PS256', kid: rsaPss.kid, ...more });
export const byHmac =
  (secret: string | Buffer): Signer =>
  (text) =>
    createHmac('sha256', secret).update(text).digest();

export function token(header: object, claims: object = goodClaims(), signer: Signer = byEdwards(edwards)): string {
  const text = `${base64(header)}.${base64(claims)}`;
  return `${text}.${signer(text).toString('base64url')}`;
}

/** A token whose parts are texts, not values: with what `JSON.stringify` would not write. */
export function tokenOf(header: string, claims: string, signer: Signer = byEdwards(edwards)): string {
  const text = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${text}.${signer(text).toString('base64url')}`;
}

/** The good claims, with one of them written so at the end. */
export const claimsEnding = (text: string): string => `${JSON.stringify(goodClaims()).slice(0, -1)},${text}}`;

export const pem = (pair: Pair): string => pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
