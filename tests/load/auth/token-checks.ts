import { constants, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { createAuthenticate } from '@tessera/gateway/guards/authenticate';
import { createKeySet } from '@tessera/gateway/guards/key-set';
import type { AccessTokenAlgorithm } from '@tessera/service/identity';
import { quietLogger } from '../../support/leftovers.js';
import { startTokenIssuer } from '../../support/token-issuer.js';
import type { Operation } from './auth-operations.js';

/** Each is checked once before the next comes: of many, as if nobody had come with it before. */
export async function tokenChecks(count: number, algorithm: AccessTokenAlgorithm): Promise<Operation> {
  const issuer = await startTokenIssuer(algorithm);
  const keySet = createKeySet({ url: issuer.jwksUrl, logger: quietLogger() });
  const authenticate = createAuthenticate({ keySet, isRevoked: () => false });
  const headers: string[] = [];
  for (let made = 0; made < count; made += 1)
    headers.push(`Bearer ${await issuer.issue({}, { lifetimeSeconds: 600 })}`);
  await authenticate(headers[0]);
  await issuer.close();
  let next = 0;
  return async () => {
    next = (next + 1) % count;
    return authenticate(headers[next]);
  };
}

/** The check of a signature over as much text, with nothing around it, and on this thread. */
export function bareVerifications(algorithm: AccessTokenAlgorithm): Operation {
  const text = Buffer.from('x'.repeat(400));
  const { publicKey, privateKey } = pairFor(algorithm);
  const [digest, options] = waysToSign[algorithm];
  const signature = sign(digest, text, { key: privateKey, ...options });
  const key = { key: publicKey, ...options };
  return async () => verify(digest, text, key, signature);
}

const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;

const waysToSign = {
  ES256: ['sha256', { dsaEncoding: 'ieee-p1363' }],
  EdDSA: [null, {}],
  PS256: ['sha256', { padding, saltLength }],
} as const;

function pairFor(algorithm: AccessTokenAlgorithm): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: 2_048 });
}
