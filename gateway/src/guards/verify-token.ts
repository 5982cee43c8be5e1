import { constants, verify, type KeyObject } from 'node:crypto';
import {
  accessTokenAudience,
  accessTokenClaimsSchema,
  accessTokenIssuer,
  accessTokenType,
  type AccessTokenAlgorithm,
  type AccessTokenClaims,
} from '@tessera/service/identity';

/** A key that tokens are verified with: it is good for one algorithm, whatever a token says (RFC 8725, 3.1). */
export interface VerifyingKey {
  readonly algorithm: AccessTokenAlgorithm;
  readonly key: KeyObject;
}

/** What a token says that is good. */
export interface VerifiedClaims {
  readonly claims: AccessTokenClaims;
  /** Seconds since the epoch. */
  readonly expiresAtSeconds: number;
  /** Seconds since the epoch; that of a token which does not say is 0. */
  readonly issuedAtSeconds: number;
}

/** Why a token is refused; the caller is told less. */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal';

  constructor(
    message: string,
    readonly isExpired = false,
  ) {
    super(message);
  }
}

/** RFC 7518, 3.4; RFC 8032, 5.1.6; of RSA as long as its modulus. */
const signatureBytes = { ES256: 64, EdDSA: 64, PS256: 256 } as const;
/** How far the clock of who issues tokens may be ahead. */
const aheadSeconds = 60;
const compactPattern = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** @param nowMs milliseconds since the epoch @throws TokenRefusal for everything but a good token */
export type VerifyToken = (token: string, nowMs: number) => Promise<VerifiedClaims>;

/**
 * Creates what verifies access tokens (RFC 7515, 7519, 8725, 9068): a compact JWS by a known key, made by the issuer for this audience.
 * It knows the one kind of token that is ours, and so takes half as long as a library that knows them all. The signature is
 * checked on the thread pool, but for RSA's, which takes no longer than getting there.
 *
 * @param findKey the published key of an id, if there is one
 */
export function createVerifyToken(findKey: (keyId: string) => Promise<VerifyingKey | undefined>): VerifyToken {
  // Nearly all tokens of a time are signed with one key, and so have one header.
  let lastHeader = { text: '', decoded: {} as Readonly<Record<string, unknown>> };
  return async (token, nowMs) => {
    const [, text = '', payload = '', signature = ''] = compactPattern.exec(token) ?? [];
    if (text === '') throw new TokenRefusal('It is no token');
    if (lastHeader.text !== text) lastHeader = { text, decoded: decode(text) };
    const found = await keyOf(lastHeader.decoded, findKey);
    await assertSigned(found, `${text}.${payload}`, signature);
    return readClaims(decode(payload), nowMs / 1_000);
  };
}

async function keyOf(
  { alg, typ, kid, crit }: Readonly<Record<string, unknown>>,
  findKey: (keyId: string) => Promise<VerifyingKey | undefined>,
): Promise<VerifyingKey> {
  if (typ !== accessTokenType) throw new TokenRefusal('It is of another type');
  // RFC 7515, 4.1.11: there is no extension that we understand. Keys in a header, or where to get them, nobody looks at.
  if (crit !== undefined) throw new TokenRefusal('It has a critical extension');
  if (typeof kid !== 'string' || kid === '') throw new TokenRefusal('It does not say by which key it is signed');
  const found = await findKey(kid);
  if (found === undefined) throw new TokenRefusal('Its key is not known');
  if (found.algorithm !== alg) throw new TokenRefusal('Its algorithm is not that of its key');
  return found;
}

async function assertSigned(found: VerifyingKey, text: string, signaturePart: string): Promise<void> {
  const signature = Buffer.from(signaturePart, 'base64url');
  // Other spellings of the same bytes are refused too, so that a token has one text.
  if (signature.length !== signatureBytes[found.algorithm] || signature.toString('base64url') !== signaturePart) {
    throw new TokenRefusal('Its signature is none');
  }
  if (!(await isSignedBy(found, text, signature))) throw new TokenRefusal('Its signature is wrong');
}

const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;

function isSignedBy({ algorithm, key }: VerifyingKey, text: string, signature: Buffer): boolean | Promise<boolean> {
  const data = Buffer.from(text);
  if (algorithm === 'PS256') return verify('sha256', data, { key, padding, saltLength }, signature);
  return new Promise((resolve) => {
    const onVerified = (error: Error | null, isRight: boolean): void => resolve(error === null && isRight);
    if (algorithm === 'EdDSA') verify(null, data, key, signature, onVerified);
    else verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature, onVerified);
  });
}

function readClaims(payload: Readonly<Record<string, unknown>>, nowSeconds: number): VerifiedClaims {
  const { iss, aud, exp, nbf, iat } = payload;
  if (iss !== accessTokenIssuer) throw new TokenRefusal('It is of another issuer');
  const isMeantForUs = Array.isArray(aud) ? aud.includes(accessTokenAudience) : aud === accessTokenAudience;
  if (!isMeantForUs) throw new TokenRefusal('It is meant for another');
  if (!isTime(exp)) throw new TokenRefusal('It does not say when it ends');
  if (exp <= nowSeconds) throw new TokenRefusal('It has expired', true);
  if (nbf !== undefined && !(isTime(nbf) && nbf <= nowSeconds)) throw new TokenRefusal('It is not good yet');
  if (iat !== undefined && !(isTime(iat) && iat <= nowSeconds + aheadSeconds)) {
    throw new TokenRefusal('It is of a time to come');
  }
  const claims = accessTokenClaimsSchema.safeParse(payload);
  if (!claims.success) throw new TokenRefusal('Its claims are not those of an access token');
  return { claims: claims.data, expiresAtSeconds: exp, issuedAtSeconds: isTime(iat) ? iat : 0 };
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function decode(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    throw new TokenRefusal(`It is no token: ${String(error)}`);
  }
  throw new TokenRefusal('It is no token');
}
