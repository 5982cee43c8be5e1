import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { requireOneself, type Principal, type UserPrincipal } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';

/** Seconds for which a proof counts as recent. */
const recentSeconds = 15 * 60;

interface Freshness {
  readonly isRecent: boolean;
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
  readonly showedSecondFactor: boolean;
  readonly hasPasskey: boolean;
}

/**
 * Sensitive changes need a proof of the last fifteen minutes, with a second factor where the person has one: a session that
 * was left open, or a stolen token, is not enough.
 *
 * @param query of a transaction that may see the session, its person's password and factors: the service's own
 * @throws AppError `PRECONDITION_FAILED`, `details.reason` `REAUTHENTICATION_REQUIRED` with what `reauthenticate` would `need`,
 *   and the `alternatives` to all of that
 */
export async function requireRecentAuthentication(query: RunSql, principal: Principal): Promise<UserPrincipal> {
  const user = requireOneself(principal);
  const freshness = await findFreshness(query, user);
  if (!freshness.isRecent || (freshness.hasSecondFactor && !freshness.showedSecondFactor)) throw again(freshness);
  return user;
}

/**
 * The same where nothing else is read: in a transaction of its own.
 *
 * @throws AppError as {@link requireRecentAuthentication}
 */
export async function requireRecentProof(openScope: () => DataScope, principal: Principal): Promise<UserPrincipal> {
  const scope = openScope();
  return scope
    .read((entityManager) => requireRecentAuthentication(sqlOf(entityManager), principal))
    .finally(() => scope.close());
}

/**
 * The same for who has just shown the password: a second factor is asked for where there is one.
 *
 * @throws AppError as {@link requireRecentAuthentication}
 */
export async function requireRecentSecondFactor(query: RunSql, principal: Principal): Promise<void> {
  const freshness = await findFreshness(query, requireOneself(principal));
  const { hasSecondFactor, isRecent, showedSecondFactor } = freshness;
  if (hasSecondFactor && !(isRecent && showedSecondFactor)) throw again(freshness);
}

async function findFreshness(query: RunSql, { userId, sessionId }: UserPrincipal): Promise<Freshness> {
  const [freshness] = await query<Freshness>(
    `select session.authenticated_at > now() - make_interval(secs => $3) as "isRecent",
            'mfa' = any(session.methods) as "showedSecondFactor",
            exists (select 1 from password where account_id = $2) as "hasPassword",
            exists (select 1 from totp_factor where user_id = $2 and confirmed_at is not null) as "hasSecondFactor",
            exists (select 1 from passkey where user_id = $2) as "hasPasskey"
     from session where id = $1 and user_id = $2 and revoked_at is null`,
    [sessionId ?? null, userId, recentSeconds],
  );
  if (freshness === undefined) throw new AppError('PRECONDITION_FAILED', 'No session belongs to this request');
  return freshness;
}

function again({ hasPassword, hasSecondFactor, hasPasskey }: Freshness): AppError {
  const needs = [...(hasPassword ? ['password'] : []), ...(hasSecondFactor ? ['code'] : [])];
  const message = needs.length > 0 || hasPasskey ? 'Authenticate again first' : 'Sign in again first';
  const details = { reason: 'REAUTHENTICATION_REQUIRED', needs, ...(hasPasskey && { alternatives: ['passkey'] }) };
  return new AppError('PRECONDITION_FAILED', message, { details });
}

/** Remembers that the person of a session has proven who they are again. */
export async function markAuthenticated(
  query: RunSql,
  { userId, sessionId }: UserPrincipal,
  methods: readonly string[],
): Promise<void> {
  await query(
    `update session set authenticated_at = now(), methods = $3, longest_gap_seconds = 0,
       showed_mfa = showed_mfa or 'mfa' = any($3::text[])
     where id = $1 and user_id = $2 and revoked_at is null`,
    [sessionId ?? null, userId, methods],
  );
}
