import { sqlOf, type RunSql } from '@tessera/service/database';
import { accessTokenLifetime, type Revocation } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { EventHandler } from '@tessera/service/subgraph';
import { memberRightsEventType, memberRightsSchema, type MemberRights } from '@tessera/service/tenancy';
import { announceRenewedSessions } from '../sessions/end-sessions.js';

/** Renews sessions of members whose groups give them other rights: their tokens are refused at once, the next have the new ones. */
export function createMemberRightsHandler(pubSub: PubSub): EventHandler {
  return {
    types: [memberRightsEventType],
    async handle({ id, tenantId, payload }, entityManager) {
      if (tenantId === undefined) throw new Error(`Event ${id} of members' rights names no tenant`);
      const query = sqlOf(entityManager);
      const rights = memberRightsSchema.parse(payload);
      await lockMemberships(query, tenantId, rights);
      // Announced before the commit: where announcing fails, nothing is committed and the event comes again.
      await announceRenewedSessions(pubSub, await renewSessions(query, tenantId, rights));
    },
  };
}

/** As `lockMembership`, for many: always in the same order, so that nobody waits for each other. */
async function lockMemberships(query: RunSql, tenantId: string, { members }: MemberRights): Promise<void> {
  await query(
    `select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) with ordinality as wanted (name, place)
     order by place`,
    [members.map(({ userId }) => `${tenantId} ${userId}`).sort()],
  );
}

/** Events may come twice, and in another order: what is older than what is known changes nothing. */
async function renewSessions(
  query: RunSql,
  tenantId: string,
  { version, members }: MemberRights,
): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `with told as (
       select "userId" as user_id, permissions, "isGrouped" as is_grouped
       from jsonb_to_recordset($3::jsonb) as told ("userId" uuid, permissions text[], "isGrouped" boolean)
     ), news as (
       insert into member_rights (tenant_id, user_id, version, permissions, is_grouped)
       select $1, user_id, $2, permissions, is_grouped from told
       on conflict (tenant_id, user_id) do update set
         version = excluded.version, permissions = excluded.permissions, is_grouped = excluded.is_grouped
         where member_rights.version < excluded.version
       returning user_id, permissions
     ), granted as (
       select session.id, news.permissions from session join news using (user_id)
       where session.tenant_id = $1 and session.permissions is distinct from news.permissions
       union
       select session_id, news.permissions from former_role join news using (user_id)
       where tenant_id = $1 and left_at > now() - make_interval(secs => $4)
     )
     update session set
       rights_version = rights_version + 1,
       rights_changed_at = now(),
       permissions = case when session.tenant_id = $1 then granted.permissions else session.permissions end
     from granted
     where session.id = granted.id and session.revoked_at is null
     returning session.id as "sessionId", rights_version as "rightsVersion"`,
    [tenantId, version, JSON.stringify(members), accessTokenLifetime],
  );
  return [...rows];
}
