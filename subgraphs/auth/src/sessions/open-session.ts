import { newId, type RunSql } from '@tessera/service/database';
import type { ClientDetails } from '@tessera/service/identity';
import { accountDeactivated } from '../deactivation/account-status.js';
import { createRefreshToken, hashRefreshToken } from '../tokens/refresh-token.js';
import { newStanding } from '../security-policies/session-standing.js';
import { signInWayOf } from '../sign-in/sign-in-way.js';
import type { AuthenticationMethod } from '../sign-in/authentication-method.js';
import type { SessionState } from '../tokens/token-issuer.js';
import { openingStatement, openingValues } from './opening-statement.js';

/** How long a session lasts. One that is open keeps the limits of its opening. */
export interface SessionLimits {
  /** Unused. */
  readonly idleSeconds: number;
  /** At all; undefined for as long as it is used. */
  readonly maxSeconds: number | undefined;
}

/** A session that was just opened, and the first refresh token of its family. */
export interface OpenedSession {
  readonly state: SessionState;
  /** How its person proved who they are. */
  readonly methods: readonly AuthenticationMethod[];
  readonly refreshToken: string;
  /** Whether the person has signed in before, but in no session that is remembered from such a device. */
  readonly isNewDevice: boolean;
}

/** Who has just proved who they are. */
export interface Proven {
  readonly userId: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  /** How. */
  readonly methods: readonly AuthenticationMethod[];
  /** The identity provider, where one was asked first. */
  readonly providerId?: string | undefined;
}

/** Who acts in a session in place of its person, and why. */
export interface ImpersonatedBy {
  readonly impersonatorId: string;
  readonly impersonatorSessionId: string;
  readonly reason: string;
}

/**
 * Opens a session inside the caller's transaction, for a person who has just proved who they are, or for who impersonates one.
 * The account's row is held meanwhile: who deactivates it comes before and is heeded, or after and ends the session.
 *
 * @throws AppError `FORBIDDEN` with the reason `ACCOUNT_DEACTIVATED`
 */
export async function openSession(
  query: RunSql,
  proven: Proven,
  client: ClientDetails,
  limits: SessionLimits,
  impersonated?: ImpersonatedBy,
): Promise<OpenedSession> {
  const prepared = prepareSession(proven, client, limits, impersonated);
  const [row] = await query<OpenedRow>(opening, prepared.values);
  if (row === undefined) throw accountDeactivated();
  return prepared.opened(row);
}

const opening = openingStatement();

/** What an opening statement answers. */
export interface OpenedRow {
  readonly isNewDevice: boolean;
}

/** A session that is about to be opened. */
export interface PreparedSession {
  readonly sessionId: string;
  /** Of the opening statement. */
  readonly values: readonly unknown[];
  /** What it is once the statement has run. */
  opened(row: OpenedRow): OpenedSession;
}

/** Makes up what is needed to open a session, its tokens too. */
export function prepareSession(
  { userId, email, isEmailVerified, methods, providerId }: Proven,
  client: ClientDetails,
  limits: SessionLimits,
  impersonated?: ImpersonatedBy,
): PreparedSession {
  const sessionId = newId();
  const refreshToken = createRefreshToken();
  const refreshTokenHash = hashRefreshToken(refreshToken);
  const signInWay = signInWayOf(methods, providerId);
  const state = {
    sessionId,
    userId,
    email,
    isEmailVerified,
    tenantId: null,
    role: null,
    permissions: null,
    rightsVersion: 0,
    impersonatorId: impersonated?.impersonatorId ?? null,
    impersonator: null,
    // No session ends before its first access token: only impersonations are that short, and they are read again.
    endsAtSeconds: null,
    ...newStanding(signInWay, methods.includes('mfa')),
  };
  return {
    sessionId,
    values: openingValues({ sessionId, userId, refreshTokenHash, client, limits, methods, signInWay, impersonated }),
    opened: ({ isNewDevice }) => ({ state, methods, refreshToken, isNewDevice }),
  };
}
