import { sqlOf, type EntityManager, type RunSql } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import { accessTokenLifetime } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { EventHandler } from '@tessera/service/subgraph';
import { applyMemberEvent, memberEventSchema, memberEventTypes } from '@tessera/service/tenancy';
import { announceEndedSessions } from '../sessions/end-sessions.js';
import { lockMembership } from '../tenants/membership-lock.js';

/** How far the clocks of this and the tenant subgraph may differ without a session outliving its role. */
const clockToleranceSeconds = 1;

/**
 * Keeps the member directory, and ends sessions whose tokens grant what the person has no longer: those in which the
 * tenant is active, or was so lately that an access token of that time may still be about.
 */
export function createMemberEventHandler(pubSub: PubSub): EventHandler {
  return {
    types: memberEventTypes,
    async handle(event: DomainEvent, entityManager: EntityManager): Promise<void> {
      const { tenantId } = event;
      if (tenantId === undefined) throw new Error(`Event ${event.id} of type ${event.type} names no tenant`);
      const { userId } = memberEventSchema.parse(event.payload);
      const query = sqlOf(entityManager);
      await lockMembership(query, tenantId, userId);
      await applyMemberEvent(event, entityManager);
      // Announced before the commit: where announcing fails, nothing is committed and the event comes again.
      await announceEndedSessions(pubSub, await endOutdatedSessions(query, tenantId, userId));
    },
  };
}

/** Roles learnt after the directory's last change are newer than the directory, and stay. */
async function endOutdatedSessions(query: RunSql, tenantId: string, userId: string): Promise<readonly string[]> {
  const rows = await query<{ readonly id: string }>(
    `with member as (
       select role, is_active, changed_at + make_interval(secs => $3) as changed_at
       from tenant_member where tenant_id = $1 and user_id = $2
     ), granted as (
       select id, role, role_known_at from session where user_id = $2 and tenant_id = $1
       union all
       select session_id, role, role_known_at from former_role
       where user_id = $2 and tenant_id = $1 and left_at > now() - make_interval(secs => $4)
     ), outdated as (
       select distinct granted.id from granted, member
       where granted.role_known_at < member.changed_at and not (member.is_active and granted.role = member.role)
     )
     update session set revoked_at = now() from outdated
     where session.id = outdated.id and session.revoked_at is null
     returning session.id`,
    [tenantId, userId, clockToleranceSeconds, accessTokenLifetime],
  );
  return rows.map(({ id }) => id);
}
