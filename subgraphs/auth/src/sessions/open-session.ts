import { newId, type RunSql } from '@tessera/service/database';
import type { ClientDetails } from '@tessera/service/identity';
import { accountDeactivated } from '../deactivation/account-status.js';
import { createRefreshToken, hashRefreshToken } from '../tokens/refresh-token.js';
import { newStanding } from '../security-policies/session-standing.js';
import { signInWayOf } from '../sign-in/sign-in-way.js';
import { deviceKeyOf } from './device-key.js';
import type { AuthenticationMethod } from '../sign-in/authentication-method.js';
import type { SessionState } from '../tokens/token-issuer.js';

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
  { userId, email, isEmailVerified, methods, providerId }: Proven,
  client: ClientDetails,
  { idleSeconds, maxSeconds }: SessionLimits,
  impersonated?: ImpersonatedBy,
): Promise<OpenedSession> {
  const { address, userAgent, country, city } = client;
  await holdAccount(query, userId, impersonated === undefined);
  const sessionId = newId();
  const refreshToken = createRefreshToken();
  const signInWay = signInWayOf(methods, providerId);
  const showedMfa = methods.includes('mfa');
  // Who impersonates has nothing to show but what they showed for themselves.
  const [opened] = await query<{ readonly isNewDevice: boolean }>(
    `with first as (
       update account set first_signed_in_at = now()
       where id = $2 and first_signed_in_at is null and $9::uuid is null returning 1
     ), opened as (
       insert into session (id, user_id, expires_at, ip_address, user_agent, methods, idle_seconds, ends_at,
         impersonator_id, impersonator_session_id, impersonation_reason, country, city, device_key,
         sign_in_way, showed_mfa, authenticated_at)
       select $1, $2, now() + make_interval(secs => least($4::int, $8)), $5, $6, $7, $4, now() + make_interval(secs => $8),
         $9, $10, $11, $12, $13, $14, coalesce($15, acting.sign_in_way), coalesce(acting.showed_mfa, $16),
         coalesce(acting.authenticated_at, now())
       from (select $10::uuid as id) as impersonation left join session as acting on acting.id = impersonation.id
       returning id, user_id, expires_at
     ), added as (
       insert into refresh_token (token_hash, session_id, user_id, expires_at)
       select $3, id, user_id, expires_at from opened
     )
     select not exists (select from first) and not exists (
       select from session where user_id = $2 and impersonator_id is null and (device_key = $14
         or device_key is null and ip_address is not distinct from $5 and user_agent is not distinct from $6)
     ) as "isNewDevice"`,
    [
      sessionId,
      userId,
      hashRefreshToken(refreshToken),
      idleSeconds,
      address ?? null,
      userAgent ?? null,
      methods,
      maxSeconds ?? null,
      impersonated?.impersonatorId ?? null,
      impersonated?.impersonatorSessionId ?? null,
      impersonated?.reason ?? null,
      country ?? null,
      city ?? null,
      deviceKeyOf(client),
      signInWay,
      showedMfa,
    ],
  );
  return {
    state: {
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
      ...newStanding(signInWay, showedMfa),
    },
    methods,
    refreshToken,
    isNewDevice: opened?.isNewDevice === true,
  };
}

/** Holds the row by counting the sign-in. @throws AppError `FORBIDDEN` with the reason `ACCOUNT_DEACTIVATED` */
async function holdAccount(query: RunSql, userId: string, isCounted: boolean): Promise<void> {
  const rows = await query(
    `update account set sign_in_count = sign_in_count + $2::int,
       last_signed_in_at = case when $2::int = 1 then now() else last_signed_in_at end
     where id = $1 and deactivated_at is null returning 1`,
    [userId, isCounted ? 1 : 0],
  );
  if (rows.length === 0) throw accountDeactivated();
}
