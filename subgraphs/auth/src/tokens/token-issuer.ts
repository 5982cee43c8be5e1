import {
  accessTokenAudience,
  accessTokenIssuer,
  accessTokenLifetime,
  accessTokenType,
  permissionsOf,
  type AccessTokenClaims,
} from '@tessera/service/identity';
import { newId } from '@tessera/service/database';
import { SignJWT } from 'jose';
import type { KeyRing } from '../keys/key-ring.js';

/** What a session says of its person at the moment. */
export interface SessionState {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  /** The active tenant, and the person's role in it; both or none. */
  readonly tenantId: string | null;
  readonly role: string | null;
  /** What the role grants where the tenant defined it; null for a built-in one. */
  readonly permissions: readonly string[] | null;
  /** How often the rights of the session have changed. */
  readonly rightsVersion: number;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token ends. */
  readonly expiresIn: number;
}

/** What a machine client is at the moment. */
export interface ClientState {
  readonly clientId: string;
  readonly tenantId: string;
  readonly createdBy: string;
  readonly scopes: readonly string[];
  /** How often the rights of the client have changed. */
  readonly rightsVersion: number;
}

export interface TokenIssuerOptions {
  readonly keyRing: KeyRing;
  readonly superAdminEmails: ReadonlySet<string>;
  /** Whether an administrator of the platform is one only with an address that is proven. */
  readonly mustVerifyAdministrators: boolean;
  readonly now?: () => Date;
}

/** Signs access tokens. */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;
  readonly #now: () => Date;

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  async issue(state: SessionState, refreshToken: string): Promise<IssuedTokens> {
    const accessToken = await this.#sign(this.#claimsOf(state));
    return { accessToken, refreshToken, expiresIn: accessTokenLifetime };
  }

  /** A program's token: there is nothing to refresh it with, the program asks for another one. */
  async issueForClient(state: ClientState): Promise<Omit<IssuedTokens, 'refreshToken'>> {
    const { clientId, tenantId, createdBy, scopes, rightsVersion } = state;
    const accessToken = await this.#sign({
      sub: clientId,
      sid: clientId,
      client_id: clientId,
      owner: createdBy,
      tid: tenantId,
      roles: [],
      scope: scopes.join(' '),
      rv: rightsVersion,
    });
    return { accessToken, expiresIn: accessTokenLifetime };
  }

  async #sign(claims: AccessTokenClaims): Promise<string> {
    const key = await this.#options.keyRing.signingKey();
    const issuedAt = Math.floor(this.#now().getTime() / 1_000);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: key.algorithm, typ: accessTokenType, kid: key.id })
      .setIssuer(accessTokenIssuer)
      .setAudience(accessTokenAudience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + accessTokenLifetime)
      .setJti(newId())
      .sign(key.privateKey);
  }

  #claimsOf(state: SessionState): AccessTokenClaims {
    const { sessionId, userId, email, tenantId, role, permissions, rightsVersion } = state;
    const { superAdminEmails, mustVerifyAdministrators } = this.#options;
    const isSuperAdmin = superAdminEmails.has(email) && (state.isEmailVerified || !mustVerifyAdministrators);
    const roles = [...(role === null ? [] : [role]), ...(isSuperAdmin ? ['SUPER_ADMIN'] : [])];
    return {
      sub: userId,
      sid: sessionId,
      ...(tenantId === null ? {} : { tid: tenantId }),
      roles,
      scope: [...new Set([...permissionsOf(roles), ...(permissions ?? [])])].join(' '),
      rv: rightsVersion,
    };
  }
}
