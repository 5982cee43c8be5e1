import type { AppError } from '@tessera/service/errors';
import { encodePrincipal, isApiKeyToken, type ResolvedApiKey, unauthenticated } from '@tessera/service/identity';
import type { Caller } from '../context.js';
import type { ApiKeys } from './api-keys.js';

export interface ApiKeyAuthenticationOptions {
  readonly apiKeys: ApiKeys;
  readonly isRevoked: (id: string, rightsVersion: number) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Finds out whose program is calling. @throws AppError `UNAUTHENTICATED`, or `SUBGRAPH_UNAVAILABLE` where nobody can tell */
export type AuthenticateApiKey = (token: string) => Promise<Caller>;

/** Creates the check of API keys: a program acts in its key's tenant, with the key's permissions and no role. */
export function createApiKeyAuthentication(options: ApiKeyAuthenticationOptions): AuthenticateApiKey {
  const { apiKeys, isRevoked, now } = options;
  const callers = new WeakMap<ResolvedApiKey, Caller>();

  const callerOf = (resolved: ResolvedApiKey): Caller => {
    const known = callers.get(resolved);
    if (known !== undefined) return known;
    const caller = toCaller(resolved);
    callers.set(resolved, caller);
    return caller;
  };
  const isGood = ({ id, rightsVersion, expiresAtMs }: ResolvedApiKey): boolean =>
    !isRevoked(id, rightsVersion) && (expiresAtMs === undefined || expiresAtMs > now());

  return async (token) => {
    if (!isApiKeyToken(token)) throw refused();
    const known = await apiKeys.resolve(token);
    if (known !== undefined && isGood(known)) return callerOf(known);
    if (known === undefined) throw refused();
    // What is known may be older than the news that its rights have changed.
    apiKeys.forget(token);
    const anew = await apiKeys.resolve(token);
    if (anew === undefined || !isGood(anew)) throw refused();
    return callerOf(anew);
  };
}

function toCaller({ id, tenantId, createdBy, scopes, expiresAtMs, isPolicied }: ResolvedApiKey): Caller {
  const principal = Object.freeze({
    kind: 'key' as const,
    userId: createdBy,
    // Sockets and revocations go by session; a key's is the key itself.
    sessionId: id,
    apiKeyId: id,
    tenantId,
    roles: [],
    scopes: [...scopes],
    credentials: { hasMfa: false, provenAtMs: 0, issuedAtMs: 0, isPolicied },
  });
  return Object.freeze({
    principal,
    encodedPrincipal: encodePrincipal(principal),
    expiresAtMs,
    forwardedHeaders: Object.freeze({}),
  });
}

function refused(): AppError {
  return unauthenticated('TOKEN_INVALID', 'The API key is not valid');
}
