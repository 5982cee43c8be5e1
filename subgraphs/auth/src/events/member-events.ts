import { sqlOf, type EntityManager, type RunSql } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import { accessTokenLifetime, type Revocation } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { EventHandler } from '@tessera/service/subgraph';
import { applyMemberEvent, memberEventSchema, memberEventTypes } from '@tessera/service/tenancy';
import { announceRenewedSessions } from '../sessions/end-sessions.js';
import { lockMembership } from '../tenants/membership-lock.js';

/** How far the clocks of this and the tenant subgraph may differ without a session outliving its role. */
const clockToleranceSeconds = 1;

/**
 * Keeps the member directory, and renews sessions whose tokens grant what the person has no longer: those in which the
 * tenant is active, or was so lately that an access token of that time may still be about. Their refresh tokens stay good:
 * the next refresh brings the new rights, or none in a tenant that the person has left.
 */
export function createMemberEventHandler(pubSub: PubSub): EventHandler {
  return {
    types: memberEventTypes,
    async handle(event: DomainEvent, entityManager: EntityManager): Promise<void> {
      const { tenantId } = event;
      if (tenantId === undefined) throw new Error(`Event ${event.id} of type ${event.type} names no tenant`);
      const { userId, permissions = null } = memberEventSchema.parse(event.payload);
      const query = sqlOf(entityManager);
      await lockMembership(query, tenantId, userId);
      await applyMemberEvent(event, entityManager);
      // Announced before the commit: where announcing fails, nothing is committed and the event comes again.
      const renewed = await renewOutdatedSessions(query, { tenantId, userId, permissions });
      await announceRenewedSessions(pubSub, renewed);
    },
  };
}

interface RenewedMember {
  readonly tenantId: string;
  readonly userId: string;
  /** What the role grants where the tenant defined it. */
  readonly permissions: readonly string[] | null;
}

/** Roles learnt after the directory's last change are newer than the directory, and stay. */
async function renewOutdatedSessions(
  query: RunSql,
  { tenantId, userId, permissions }: RenewedMember,
): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `with member as (
       select role, is_active, changed_at, changed_at + make_interval(secs => $3) as certain_at
       from tenant_member where tenant_id = $1 and user_id = $2
     ), granted as (
       select id, role, role_known_at from session where user_id = $2 and tenant_id = $1
       union all
       select session_id, role, role_known_at from former_role
       where user_id = $2 and tenant_id = $1 and left_at > now() - make_interval(secs => $4)
     ), outdated as (
       select distinct granted.id from granted, member
       where granted.role_known_at < member.certain_at and not (member.is_active and granted.role = member.role)
     ), forgotten as (
       delete from former_role using outdated where session_id = outdated.id and tenant_id = $1
     )
     update session set
       rights_version = rights_version + 1,
       rights_changed_at = now(),
       tenant_id = case when session.tenant_id = $1 and not is_active then null else session.tenant_id end,
       role = case when session.tenant_id is distinct from $1 then session.role when is_active then member.role end,
       permissions = case when session.tenant_id is distinct from $1 then permissions when is_active then coalesce(
         (select known.permissions from member_rights as known
          where known.tenant_id = $1 and known.user_id = $2 and known.is_grouped), $5::text[]) end,
       role_known_at = case when session.tenant_id is distinct from $1 then role_known_at when is_active then member.certain_at end
     from outdated, member
     where session.id = outdated.id and session.revoked_at is null
     returning session.id as "sessionId", rights_version as "rightsVersion"`,
    [tenantId, userId, clockToleranceSeconds, accessTokenLifetime, permissions],
  );
  return [...rows];
}
