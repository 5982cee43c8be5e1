import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors/index.js';
import { principalSchema, type Principal } from './principal.js';

/** How far the clocks of gateway and subgraph may differ, and how long a captured request stays usable. */
const maxAgeMs = 30_000;

export const principalHeader = 'x-tessera-principal';
export const timestampHeader = 'x-tessera-timestamp';
export const signatureHeader = 'x-tessera-signature';

/** What is signed beside the principal: a signature fits one request and no other. */
export interface SignedRequest {
  readonly method: string;
  /** Path without host and query string; for a WebSocket, the path of the upgrade. */
  readonly path: string;
  /** The exact bytes sent; empty for a WebSocket's `connection_init`. */
  readonly body: string | Uint8Array;
}

export type PrincipalHeaders = Readonly<
  Record<typeof principalHeader | typeof timestampHeader | typeof signatureHeader, string>
>;

function sign(secret: string, request: SignedRequest, timestamp: string, encodedPrincipal: string): Buffer {
  const bodyDigest = createHash('sha256').update(request.body).digest('base64url');
  return createHmac('sha256', secret)
    .update([request.method, request.path, timestamp, bodyDigest, encodedPrincipal].join('\n'))
    .digest();
}

/** The wire form of a principal. Encode once per caller, not once per subgraph request. */
export function encodePrincipal(principal: Principal): string {
  return Buffer.from(JSON.stringify(principal)).toString('base64url');
}

/**
 * Signs a request to a subgraph on behalf of a principal: HMAC-SHA256 over method, path, time, body digest and principal.
 *
 * @param nowMs milliseconds since the epoch
 */
export function signPrincipal(
  secret: string,
  request: SignedRequest,
  encodedPrincipal: string,
  nowMs: number,
): PrincipalHeaders {
  const timestamp = String(nowMs);
  return {
    [principalHeader]: encodedPrincipal,
    [timestampHeader]: timestamp,
    [signatureHeader]: sign(secret, request, timestamp, encodedPrincipal).toString('base64url'),
  };
}

/**
 * Verifies what {@link signPrincipal} made.
 *
 * @throws AppError `UNAUTHENTICATED` for a request that is unsigned, altered or older than 30 seconds
 */
export function verifyPrincipal(
  secret: string,
  request: SignedRequest,
  headers: Readonly<Record<string, unknown>>,
  nowMs: number,
): Principal {
  const encodedPrincipal = headers[principalHeader];
  const timestamp = headers[timestampHeader];
  const signature = headers[signatureHeader];
  if (typeof encodedPrincipal !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') {
    throw new AppError('UNAUTHENTICATED', 'The request is not signed by a gateway');
  }
  const expected = sign(secret, request, timestamp, encodedPrincipal);
  const actual = Buffer.from(signature, 'base64url');
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new AppError('UNAUTHENTICATED', 'The signature of the request does not match');
  }
  if (!(Math.abs(nowMs - Number(timestamp)) <= maxAgeMs)) {
    throw new AppError('UNAUTHENTICATED', 'The signature of the request is too old');
  }
  return principalSchema.parse(JSON.parse(Buffer.from(encodedPrincipal, 'base64url').toString('utf8')));
}
