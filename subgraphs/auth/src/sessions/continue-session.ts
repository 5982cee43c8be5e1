import type { RunSql } from '@tessera/service/database';
import { standingColumns } from '../security-policies/session-standing.js';
import type { SessionState } from '../tokens/token-issuer.js';

/** The columns of a {@link SessionState}, from `session` joined to `account`. */
export const sessionStateColumns = `session.id as "sessionId", session.user_id as "userId", account.email,
  account.email_verified_at is not null as "isEmailVerified",
  session.tenant_id as "tenantId", session.role, session.permissions, session.rights_version as "rightsVersion",
  session.impersonator_id as "impersonatorId", floor(extract(epoch from session.ends_at))::float8 as "endsAtSeconds",
  (select jsonb_build_object('email', acting.email, 'isEmailVerified', acting.email_verified_at is not null)
   from account as acting where acting.id = session.impersonator_id) as impersonator,
  ${standingColumns}`;

/** A session that goes on has been unused for so long until now, or since its person last proved who they are. */
const usedAgain = `last_used_at = now(), expires_at = least(now() + make_interval(secs => idle_seconds), ends_at),
  longest_gap_seconds = greatest(longest_gap_seconds,
    extract(epoch from now() - greatest(last_used_at, authenticated_at))::integer)`;

/**
 * Spends a refresh token that is good ($1, its hash), and adds the next one ($2) to its family. Of many racing requests the row
 * lock lets one through. It answers nothing for a token that is not good any more, whatever the reason.
 */
export const spendAndContinue = `
  with spent as (
    update refresh_token set spent_at = clock_timestamp()
    where token_hash = $1 and spent_at is null and expires_at > now()
    returning session_id
  ), live as (
    update session set ${usedAgain}
    from account, spent
    where session.id = spent.session_id and session.revoked_at is null and session.expires_at > now()
      and account.id = session.user_id
    returning ${sessionStateColumns}, session.expires_at
  ), added as (
    insert into refresh_token (token_hash, session_id, user_id, expires_at)
    select $2, "sessionId", "userId", expires_at from live
  )
  select * from live`;

/**
 * Adds a refresh token to the family of a session that is still alive.
 *
 * @returns null for a session that has ended
 */
export async function continueSession(
  query: RunSql,
  sessionId: string,
  tokenHash: Buffer,
): Promise<SessionState | null> {
  const [state] = await query<SessionState>(
    `with live as (
       update session set ${usedAgain}
       from account
       where session.id = $1 and session.revoked_at is null and session.expires_at > now()
         and account.id = session.user_id
       returning ${sessionStateColumns}, session.expires_at
     ), added as (
       insert into refresh_token (token_hash, session_id, user_id, expires_at)
       select $2, "sessionId", "userId", expires_at from live
     )
     select * from live`,
    [sessionId, tokenHash],
  );
  return state ?? null;
}

/** What a session says at the moment, in the transaction that changed it. */
export async function readSession(query: RunSql, sessionId: string): Promise<SessionState> {
  const [state] = await query<SessionState>(
    `select ${sessionStateColumns} from session join account on account.id = session.user_id where session.id = $1`,
    [sessionId],
  );
  if (state === undefined) throw new Error('A session that was just opened is gone');
  return state;
}
