import { sqlOf, type RunSql } from '@tessera/service/database';
import { accessTokenLifetime, type Revocation } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { EventHandler } from '@tessera/service/subgraph';
import { roleChangedEventType, roleChangedSchema } from '@tessera/service/tenancy';
import { announceRenewedSessions } from '../sessions/end-sessions.js';

/** Renews every session that has, or lately had, a role whose permissions the tenant has changed. */
export function createRoleEventHandler(pubSub: PubSub): EventHandler {
  return {
    types: [roleChangedEventType],
    async handle({ id, tenantId, payload }, entityManager) {
      if (tenantId === undefined) throw new Error(`Event ${id} of a role names no tenant`);
      const { role, permissions } = roleChangedSchema.parse(payload);
      // Announced before the commit: where announcing fails, nothing is committed and the event comes again.
      await announceRenewedSessions(pubSub, await renewSessions(sqlOf(entityManager), tenantId, role, permissions));
    },
  };
}

async function renewSessions(
  query: RunSql,
  tenantId: string,
  role: string,
  permissions: readonly string[],
): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `with granted as (
       select id from session where tenant_id = $1 and role = $2
       union
       select session_id from former_role
       where tenant_id = $1 and role = $2 and left_at > now() - make_interval(secs => $4)
     )
     update session set
       rights_version = rights_version + 1,
       rights_changed_at = now(),
       -- Whose groups add to their role is told of by itself.
       permissions = case when tenant_id = $1 and role = $2 and not exists (
         select 1 from member_rights as known
         where known.tenant_id = $1 and known.user_id = session.user_id and known.is_grouped
       ) then $3::text[] else permissions end
     from granted
     where session.id = granted.id and revoked_at is null
     returning session.id as "sessionId", rights_version as "rightsVersion"`,
    [tenantId, role, permissions, accessTokenLifetime],
  );
  return [...rows];
}
