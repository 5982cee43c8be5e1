import type { RunSql } from '@tessera/service/database';
import { accessTokenLifetime, revocationChannel, type Revocation } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';

/** Tells every gateway to refuse the access tokens of these sessions from now on. */
export async function announceEndedSessions(pubSub: PubSub, sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length > 0) await pubSub.publish(revocationChannel, { sessionIds: [...sessionIds], renewed: [] });
}

/** Tells every gateway to refuse the access tokens that these sessions had before their rights changed. */
export async function announceRenewedSessions(pubSub: PubSub, renewed: Revocation['renewed']): Promise<void> {
  const sessions = renewed.map(({ sessionId, rightsVersion }) => ({ sessionId, rightsVersion }));
  if (sessions.length > 0) await pubSub.publish(revocationChannel, { sessionIds: [], renewed: sessions });
}

/**
 * Ends sessions of a person inside the caller's transaction: one, or all. Those in which the person impersonates somebody end
 * with the session that they were begun in.
 *
 * @returns the sessions to announce: also those that ended so lately that access tokens of theirs may be about, so that
 * asking again repeats an announcement that failed
 */
export async function endSessions(
  query: RunSql,
  { userId, sessionId }: { readonly userId: string; readonly sessionId: string | undefined },
): Promise<readonly string[]> {
  const rows = await query<{ readonly id: string }>(
    `update session set revoked_at = coalesce(revoked_at, now())
     where (user_id = $1 or impersonator_id = $1) and ($2::uuid is null or id = $2 or impersonator_session_id = $2)
       and (revoked_at is null or revoked_at > now() - make_interval(secs => $3))
     returning id`,
    [userId, sessionId ?? null, accessTokenLifetime],
  );
  return rows.map(({ id }) => id);
}

/** The sessions, API keys and machine clients, whoever's, of which tokens may be about, or answers remembered, although they ended or have other rights. */
export async function revokedLately(query: RunSql): Promise<Revocation> {
  const ended = await query<{ readonly id: string }>(
    `select id from session where revoked_at > now() - make_interval(secs => $1)
     union all select id from api_key where revoked_at > now() - make_interval(secs => $1)
     union all select id from machine_client where revoked_at > now() - make_interval(secs => $1)`,
    [accessTokenLifetime],
  );
  const renewed = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `select id as "sessionId", rights_version as "rightsVersion" from session
     where rights_changed_at > now() - make_interval(secs => $1) and revoked_at is null
     union all
     select id, rights_version from api_key
     where rights_changed_at > now() - make_interval(secs => $1) and revoked_at is null
     union all
     select id, rights_version from machine_client
     where rights_changed_at > now() - make_interval(secs => $1) and revoked_at is null`,
    [accessTokenLifetime],
  );
  return { sessionIds: ended.map(({ id }) => id), renewed: [...renewed] };
}
