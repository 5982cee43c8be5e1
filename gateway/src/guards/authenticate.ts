import { apiKeyPrefix, encodePrincipal, unauthenticated } from '@tessera/service/identity';
import { LRUCache } from 'lru-cache';
import { hash } from 'node:crypto';
import type { Caller } from '../context.js';
import { anonymousCaller } from './anonymous-caller.js';
import type { AuthenticateApiKey } from './authenticate-api-key.js';
import type { KeySet } from './key-set.js';
import { principalOf } from './token-principal.js';
import { createVerifyToken, TokenRefusal, type VerifyToken } from './verify-token.js';

/** Finds out who is calling; at once where that is known. @throws AppError `UNAUTHENTICATED`, or `SUBGRAPH_UNAVAILABLE` where keys cannot be had */
export interface Authenticate {
  (authorization: string | undefined): Caller | Promise<Caller>;
  /** Who that is, where it was found out before and is remembered; judges nothing. */
  readonly remembered?: (authorization: string) => Caller | undefined;
}

export interface AuthenticateOptions {
  /** Without it API keys are refused. */
  readonly authenticateApiKey?: AuthenticateApiKey | undefined;
  readonly keySet: KeySet;
  readonly isRevoked: (sessionId: string, rightsVersion: number) => boolean;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** Whose token it is, and how often the rights of its session had changed when it was made. */
interface VerifiedToken {
  readonly caller: Caller;
  readonly rightsVersion: number;
}

/** Tokens beyond this length are not ours, and verifying costs by length. */
const maxTokenLength = 8_192;
/** As nearly all clients write it. */
const usualScheme = 'Bearer ';
/** Of headers that are found without being read, some megabytes together. */
const maxRecent = 2_000;
const maxRecentLength = 2_048;

/** Verifies access tokens; what was verified once is remembered until it expires. */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { keySet, isRevoked, authenticateApiKey, now = Date.now } = options;
  const verifyToken = createVerifyToken((keyId) => keySet.keyFor(keyId));
  const verified = new LRUCache<string, VerifiedToken>({ max: 10_000 });
  /** By the whole header, of those that have just come: reading and hashing a token takes longer than finding it so. */
  const recent = new Map<string, VerifiedToken>();

  const remember = (authorization: string, key: string, read: VerifiedToken): void => {
    verified.set(key, read);
    if (authorization.length > maxRecentLength) return;
    // Keeping account of which are used would cost more than reading the busy ones once more.
    if (recent.size === maxRecent) recent.clear();
    recent.set(authorization, read);
  };

  /** @throws AppError `UNAUTHENTICATED` for a token that was good once */
  const judge = ({ caller, rightsVersion }: VerifiedToken): Caller => {
    if (caller.expiresAtMs !== undefined && caller.expiresAtMs <= now()) {
      throw unauthenticated('TOKEN_EXPIRED', 'The access token has expired');
    }
    const { sessionId } = caller.principal;
    if (sessionId !== undefined && isRevoked(sessionId, rightsVersion)) {
      throw unauthenticated(
        'TOKEN_REVOKED',
        'The session of this access token has ended, or has other rights: refresh it',
      );
    }
    return caller;
  };

  const read = async (authorization: string): Promise<Caller> => {
    const token = bearerToken(authorization);
    if (authenticateApiKey !== undefined && token.startsWith(apiKeyPrefix)) return authenticateApiKey(token);
    const key = hash('sha256', token);
    const verifiedToken = verified.get(key) ?? (await verify(token, verifyToken, now()));
    const caller = judge(verifiedToken);
    remember(authorization, key, verifiedToken);
    return caller;
  };

  const authenticate = (authorization: string | undefined): Caller | Promise<Caller> => {
    if (authorization === undefined) return anonymousCaller;
    const known = recent.get(authorization);
    return known === undefined ? read(authorization) : judge(known);
  };
  const remembered = (authorization: string): Caller | undefined => {
    // What is no token is not there: it need not be read as one, which costs as much as hashing it.
    const token = authorization.startsWith(usualScheme)
      ? authorization.slice(usualScheme.length)
      : tokenIn(authorization);
    return token === undefined ? undefined : verified.peek(hash('sha256', token))?.caller;
  };
  return Object.assign(authenticate, { remembered });
}

function bearerToken(authorization: string): string {
  const token = tokenIn(authorization);
  if (token === undefined) throw unauthenticated('TOKEN_INVALID', 'Authorization must be a bearer token');
  return token;
}

function tokenIn(authorization: string): string | undefined {
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization.trim())?.[1];
  return token === undefined || token.length > maxTokenLength ? undefined : token;
}

async function verify(token: string, verifyToken: VerifyToken, nowMs: number): Promise<VerifiedToken> {
  try {
    const read = await verifyToken(token, nowMs);
    const { claims, expiresAtSeconds } = read;
    const principal = principalOf(claims, read.issuedAtSeconds);
    const caller = Object.freeze({
      principal,
      encodedPrincipal: encodePrincipal(principal),
      expiresAtMs: expiresAtSeconds * 1_000,
      forwardedHeaders: anonymousCaller.forwardedHeaders,
    });
    return { caller, rightsVersion: claims.rv };
  } catch (error) {
    if (!(error instanceof TokenRefusal)) throw error;
    throw error.isExpired
      ? unauthenticated('TOKEN_EXPIRED', 'The access token has expired', error)
      : unauthenticated('TOKEN_INVALID', 'The access token is not valid', error);
  }
}
