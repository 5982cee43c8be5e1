import {
  accessTokenAudience,
  accessTokenIssuer,
  accessTokenLifetime,
  accessTokenType,
  permissionsOf,
  type AccessTokenClaims,
  unauthenticated,
} from '@tessera/service/identity';
import { newId } from '@tessera/service/database';
import type { AdministratorAccount, PlatformAdministrators } from '../accounts/platform-administrators.js';
import type { KeyRing } from '../keys/key-ring.js';
import { judgeStanding, type SessionStanding } from '../security-policies/session-standing.js';
import { methodsOfWay } from '../sign-in/sign-in-way.js';
import { signToken } from './sign-token.js';

/** What a session says of its person at the moment. */
export interface SessionState extends SessionStanding {
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
  /** Who really acts, where somebody of the platform impersonates the person. */
  readonly impersonatorId: string | null;
  /** That account as it is now; null without one, and where it is gone. */
  readonly impersonator: AdministratorAccount | null;
  /** Seconds since the epoch, when the session ends however much it is used; null where it does not. */
  readonly endsAtSeconds: number | null;
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
  /** Whether the tenant's security policy asks for anything. */
  readonly isPolicied: boolean;
}

export interface TokenIssuerOptions {
  readonly keyRing: KeyRing;
  readonly administrators: PlatformAdministrators;
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

  /**
   * A session that its tenant's policy does not let in gets a token of no tenant.
   *
   * @throws AppError `UNAUTHENTICATED` for an impersonation by who does not run the platform any more
   */
  async issue(state: SessionState, refreshToken: string): Promise<IssuedTokens> {
    const { impersonatorId, impersonator } = state;
    if (impersonatorId !== null && (impersonator === null || !this.#options.administrators.isOne(impersonator))) {
      throw unauthenticated('SESSION_ENDED', 'This impersonation is over');
    }
    const { refusal, isPolicied, tokenSeconds } = judgeStanding(state, this.#now().getTime());
    const claims =
      refusal === undefined ? this.#claimsOf(state, isPolicied) : this.#claimsOf({ ...state, ...ofNoTenant }, false);
    const maxSeconds = refusal === undefined ? tokenSeconds : Infinity;
    const { token: accessToken, expiresIn } = await this.#sign(claims, state.endsAtSeconds, maxSeconds);
    return { accessToken, refreshToken, expiresIn };
  }

  /** A program's token: there is nothing to refresh it with, the program asks for another one. */
  async issueForClient(state: ClientState): Promise<Omit<IssuedTokens, 'refreshToken'>> {
    const { clientId, tenantId, createdBy, scopes, rightsVersion, isPolicied } = state;
    const { token: accessToken, expiresIn } = await this.#sign({
      sub: clientId,
      sid: clientId,
      client_id: clientId,
      owner: createdBy,
      tid: tenantId,
      roles: [],
      scope: scopes.join(' '),
      rv: rightsVersion,
      ...(isPolicied && { pol: true }),
    });
    return { accessToken, expiresIn };
  }

  /** @param endsAtSeconds since the epoch: what the token may not outlive */
  async #sign(claims: AccessTokenClaims, endsAtSeconds: number | null = null, maxSeconds = Infinity) {
    const key = await this.#options.keyRing.signingKey();
    const issuedAt = Math.floor(this.#now().getTime() / 1_000);
    const expiresIn = Math.max(0, Math.min(accessTokenLifetime, maxSeconds, (endsAtSeconds ?? Infinity) - issuedAt));
    const token = signToken(key, accessTokenType, {
      ...claims,
      iss: accessTokenIssuer,
      aud: accessTokenAudience,
      iat: issuedAt,
      exp: issuedAt + expiresIn,
      jti: newId(),
    });
    return { token, expiresIn };
  }

  #claimsOf(state: SessionState, isPolicied: boolean): AccessTokenClaims {
    const { sessionId, userId, tenantId, role, permissions, rightsVersion, impersonatorId } = state;
    const isSuperAdmin = impersonatorId === null && this.#options.administrators.actsAsOne(state);
    const roles = [...(role === null ? [] : [role]), ...(isSuperAdmin ? ['SUPER_ADMIN'] : [])];
    return {
      sub: userId,
      sid: sessionId,
      ...(tenantId !== null && { tid: tenantId, ...proofClaims(state), ...(isPolicied && { pol: true }) }),
      roles,
      scope: [...new Set([...permissionsOf(roles), ...(permissions ?? [])])].join(' '),
      rv: rightsVersion,
      ...(impersonatorId !== null && { act: { sub: impersonatorId } }),
    };
  }
}

const ofNoTenant = { tenantId: null, role: null, permissions: null } as const;

/** What policies of tenants ask for: only tokens of a tenant need it. */
function proofClaims({ signInWay, showedMfa, provenAtSeconds }: SessionState): Partial<AccessTokenClaims> {
  return {
    ...(signInWay !== null && { way: signInWay }),
    amr: [...methodsOfWay(signInWay, showedMfa)],
    auth_time: Math.floor(provenAtSeconds),
  };
}
