import { sqlOf, type RunSql } from '@tessera/service/database';
import { accessTokenLifetime, type Revocation } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { EventHandler } from '@tessera/service/subgraph';
import { tenantStatusEventType, tenantStatusSchema } from '@tessera/service/tenancy';
import { lockPrograms } from '../deactivation/lock-programs.js';
import { announceRenewedSessions } from '../sessions/end-sessions.js';
import { lockTenant } from '../tenants/membership-lock.js';

/**
 * Takes everybody out of a tenant that is not in use any more: their access tokens of it are refused at once, and the next
 * refresh brings tokens of no tenant.
 */
export function createTenantEventHandler(pubSub: PubSub): EventHandler {
  return {
    types: [tenantStatusEventType],
    async handle({ id, tenantId, occurredAt, payload }, entityManager) {
      if (tenantId === undefined) throw new Error(`Event ${id} of a tenant's status names no tenant`);
      const { status } = tenantStatusSchema.parse(payload);
      const query = sqlOf(entityManager);
      await lockTenant(query, tenantId);
      const isNews = await rememberStatus(query, tenantId, status, occurredAt);
      if (!isNews || status === 'ACTIVE') return;
      // Announced before the commit: where announcing fails, nothing is committed and the event comes again.
      await announceRenewedSessions(pubSub, await leaveTenant(query, tenantId));
      await announceRenewedSessions(pubSub, await lockPrograms(query, 'tenant_id', tenantId));
    },
  };
}

/** @returns false for an event that an older one has overtaken */
async function rememberStatus(query: RunSql, tenantId: string, status: string, changedAt: string): Promise<boolean> {
  const rows = await query(
    `insert into tenant_status (tenant_id, status, changed_at) values ($1, $2, $3)
     on conflict (tenant_id) do update set status = excluded.status, changed_at = excluded.changed_at
       where tenant_status.changed_at < excluded.changed_at
     returning 1`,
    [tenantId, status, changedAt],
  );
  return rows.length > 0;
}

async function leaveTenant(query: RunSql, tenantId: string): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `with inside as (
       select id from session where tenant_id = $1
       union
       select session_id from former_role
       where tenant_id = $1 and left_at > now() - make_interval(secs => $2)
     )
     update session set
       rights_version = rights_version + 1,
       rights_changed_at = now(),
       tenant_id = case when session.tenant_id is distinct from $1 then session.tenant_id end,
       role = case when session.tenant_id is distinct from $1 then role end,
       permissions = case when session.tenant_id is distinct from $1 then permissions end,
       role_known_at = case when session.tenant_id is distinct from $1 then role_known_at end
     from inside
     where session.id = inside.id and revoked_at is null
     returning session.id as "sessionId", rights_version as "rightsVersion"`,
    [tenantId, accessTokenLifetime],
  );
  return [...rows];
}
