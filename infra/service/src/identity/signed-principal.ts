import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { decodeClient, unknownClient, type ClientDetails } from './client-details.js';
import { principalSchema, type Principal } from './principal.js';
import { signatureRefused } from './signature-fault.js';

/** How far the clocks of gateway and subgraph may differ, and how long a captured request stays usable. */
const maxAgeMs = 30_000;

export const principalHeader = 'x-tessera-principal';
export const clientHeader = 'x-tessera-client';
export const timestampHeader = 'x-tessera-timestamp';
export const signatureHeader = 'x-tessera-signature';

/** What is signed beside the principal: a signature fits one request to one service and no other. */
export interface SignedRequest {
  /** Name of the subgraph that is asked. */
  readonly audience: string;
  readonly method: string;
  /** Path without host and query string; for a WebSocket, the path of the upgrade. */
  readonly path: string;
  /** The exact bytes sent; empty for a WebSocket's `connection_init`. */
  readonly body: string | Uint8Array;
}

/** Who asks, in wire form. */
export interface EncodedCaller {
  readonly principal: string;
  /** Only where something is changed. */
  readonly client?: string | undefined;
}

/** Who asks, verified. */
export interface SignedCaller {
  readonly principal: Principal;
  readonly client: ClientDetails;
}

export type PrincipalHeaders = Readonly<
  Record<typeof principalHeader | typeof timestampHeader | typeof signatureHeader, string>
> & { readonly [clientHeader]?: string };

function sign(secret: string, request: SignedRequest, timestamp: string, caller: EncodedCaller): Buffer {
  const { audience, method, path, body } = request;
  const bodyDigest = hash('sha256', body, 'base64url');
  return createHmac('sha256', secret)
    .update([audience, method, path, timestamp, bodyDigest, caller.principal, caller.client ?? ''].join('\n'))
    .digest();
}

/** The wire form of a principal, without its credentials. Encode once per caller, not once per subgraph request. */
export function encodePrincipal(principal: Principal): string {
  return Buffer.from(JSON.stringify({ ...principal, credentials: undefined })).toString('base64url');
}

/**
 * Signs a request to a subgraph on behalf of a caller: HMAC-SHA256 over audience, method, path, time, body digest,
 * principal and client.
 *
 * @param nowMs milliseconds since the epoch
 */
export function signPrincipal(
  secret: string,
  request: SignedRequest,
  caller: EncodedCaller,
  nowMs: number,
): PrincipalHeaders {
  const timestamp = String(nowMs);
  return {
    [principalHeader]: caller.principal,
    ...(caller.client !== undefined && { [clientHeader]: caller.client }),
    [timestampHeader]: timestamp,
    [signatureHeader]: sign(secret, request, timestamp, caller).toString('base64url'),
  };
}

/**
 * Verifies what {@link signPrincipal} made.
 *
 * @param secrets any of them may have signed
 * @throws AppError `UNAUTHENTICATED`, with a {@link SignatureFault} for its reason, for a request that is unsigned, altered, meant for
 *   another or older than 30 seconds
 */
export function verifyPrincipal(
  secrets: readonly string[],
  request: SignedRequest,
  headers: Readonly<Record<string, unknown>>,
  nowMs: number,
): SignedCaller {
  const principal = headers[principalHeader];
  const client = headers[clientHeader];
  const timestamp = headers[timestampHeader];
  const signature = headers[signatureHeader];
  if (typeof principal !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') {
    throw signatureRefused('SIGNATURE_MISSING');
  }
  const caller = { principal, client: typeof client === 'string' ? client : undefined };
  const actual = Buffer.from(signature, 'base64url');
  const isSigned = secrets.some((secret) => {
    const expected = sign(secret, request, timestamp, caller);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  });
  if (!isSigned) {
    throw signatureRefused('SIGNATURE_WRONG');
  }
  if (!(Math.abs(nowMs - Number(timestamp)) <= maxAgeMs)) {
    throw signatureRefused('SIGNATURE_STALE');
  }
  return {
    principal: principalSchema.parse(JSON.parse(Buffer.from(principal, 'base64url').toString('utf8'))),
    client: caller.client === undefined ? unknownClient : decodeClient(caller.client),
  };
}
