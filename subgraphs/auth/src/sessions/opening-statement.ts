import type { ClientDetails } from '@tessera/service/identity';
import type { AuthenticationMethod } from '../sign-in/authentication-method.js';
import { deviceKeyOf } from './device-key.js';
import type { SessionLimits } from './open-session.js';

/** Whether a session that is remembered was opened on such a device, of the person of {@link openingStatement}. */
export const isKnownDevice = `exists (
  select from session where user_id = $2 and impersonator_id is null and (device_key = $14
    or device_key is null and ip_address is not distinct from $5 and user_agent is not distinct from $6)
)`;

export interface OpeningOptions {
  /** SQL: what comes before, for the condition to look at: expressions of a `with`. */
  readonly before?: readonly string[];
  /** SQL: where else nothing happens; on `account`, and with the parameters of {@link openingValues}. */
  readonly condition?: string;
  /** SQL: what else happens in the statement, where `held` has a row: expressions of a `with`. */
  readonly more?: readonly string[];
}

/**
 * SQL that opens a session and answers `isNewDevice`; no row where the account is gone or deactivated. It holds the account's row by
 * counting the sign-in: who deactivates it comes before and is heeded, or after and ends the session. Who impersonates a person is
 * not counted, and has nothing to show but what they showed for themselves.
 */
export function openingStatement({ before = [], condition = 'true', more = [] }: OpeningOptions = {}): string {
  const expressions = [
    ...before,
    `held as (
      update account set sign_in_count = sign_in_count + ($9::uuid is null)::int,
        last_signed_in_at = case when $9::uuid is null then now() else last_signed_in_at end,
        first_signed_in_at = case when $9::uuid is null then coalesce(first_signed_in_at, now()) else first_signed_in_at end
      where id = $2 and deactivated_at is null and ${condition}
      returning id, first_signed_in_at is not distinct from now() as is_first
    )`,
    `opened as (
      insert into session (id, user_id, expires_at, ip_address, user_agent, methods, idle_seconds, ends_at,
        impersonator_id, impersonator_session_id, impersonation_reason, country, city, device_key,
        sign_in_way, showed_mfa, authenticated_at)
      select $1, held.id, now() + make_interval(secs => least($4::int, $8)), $5, $6, $7, $4,
        now() + make_interval(secs => $8), $9, $10, $11, $12, $13, $14, coalesce($15, acting.sign_in_way),
        coalesce(acting.showed_mfa, $16), coalesce(acting.authenticated_at, now())
      from held left join session as acting on acting.id = $10
      returning id, user_id, expires_at
    )`,
    `added as (
      insert into refresh_token (token_hash, session_id, user_id, expires_at)
      select $3, id, user_id, expires_at from opened
    )`,
    ...more,
  ];
  return `with ${expressions.join(', ')} select not is_first and not ${isKnownDevice} as "isNewDevice" from held`;
}

/** Whose session it is, and how it is opened. */
export interface Opening {
  readonly sessionId: string;
  readonly userId: string;
  readonly refreshTokenHash: Buffer;
  readonly client: ClientDetails;
  readonly limits: SessionLimits;
  readonly methods: readonly AuthenticationMethod[];
  readonly signInWay: string | null;
  readonly impersonated?:
    { readonly impersonatorId: string; readonly impersonatorSessionId: string; readonly reason: string } | undefined;
}

/** How many {@link openingValues} there are. */
export const openingValueCount = 16;

/** The parameters of {@link openingStatement}. */
export function openingValues(opening: Opening): readonly unknown[] {
  const { sessionId, userId, refreshTokenHash, client, limits, methods, signInWay, impersonated } = opening;
  return [
    sessionId,
    userId,
    refreshTokenHash,
    limits.idleSeconds,
    client.address ?? null,
    client.userAgent ?? null,
    methods,
    limits.maxSeconds ?? null,
    impersonated?.impersonatorId ?? null,
    impersonated?.impersonatorSessionId ?? null,
    impersonated?.reason ?? null,
    client.country ?? null,
    client.city ?? null,
    deviceKeyOf(client),
    signInWay,
    methods.includes('mfa'),
  ];
}
