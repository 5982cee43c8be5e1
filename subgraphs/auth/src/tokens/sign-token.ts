import { constants, sign, type KeyObject } from 'node:crypto';
import type { SigningKey } from '../keys/signing-key.js';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * Signs a token (RFC 7515, 7.1). On the event loop, where it takes a twentieth of a millisecond (by PS256 half of one): as a job of
 * the thread pool it would wait behind passwords.
 */
export function signToken({ id, algorithm, privateKey }: SigningKey, type: string, claims: object): string {
  const text = `${encode({ alg: algorithm, typ: type, kid: id })}.${encode(claims)}`;
  return `${text}.${signatureOf(algorithm, privateKey, Buffer.from(text)).toString('base64url')}`;
}

function signatureOf(algorithm: string, key: KeyObject, data: Buffer): Buffer {
  if (algorithm === 'ES256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  if (algorithm !== 'PS256') return sign(null, data, key);
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return sign('sha256', data, { key, padding, saltLength });
}
