import { auditEvent, type AuditedCaller, type AuditNote } from '@tessera/service/audit';
import { sqlOf, type EntityManager } from '@tessera/service/database';
import { notFound } from '@tessera/service/errors';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { isBuiltInRole } from '@tessera/service/identity';
import type { MemberEventType } from '@tessera/service/tenancy';
import { permissionsOfRole } from '../roles/role-use.js';
import { MembershipEntity } from './membership.entity.js';

/** Locks the tenant, then reads the member: two administrators who demote each other at once must not both succeed. */
export async function lockMember(
  entityManager: EntityManager,
  tenantId: string,
  userId: string,
): Promise<MembershipEntity> {
  await sqlOf(entityManager)('select 1 from tenant where id = $1 for update', [tenantId]);
  const membership = await entityManager.findOne(MembershipEntity, { tenantId, userId });
  if (membership === null) throw notFound('Member');
  return membership;
}

/** Tells the other subgraphs a membership's whole new state, in the transaction that made it so. */
export async function announceMember(
  entityManager: EntityManager,
  type: MemberEventType,
  { tenantId, userId, role, deactivatedAt }: MembershipEntity,
  now: () => Date,
): Promise<void> {
  const query = sqlOf(entityManager);
  const isOwnRole = type !== 'member.removed' && !isBuiltInRole(role);
  const permissions = isOwnRole ? await permissionsOfRole(entityManager, query, tenantId, role) : undefined;
  const [tenant] = await query<{ name: string }>('select name from tenant where id = $1', [tenantId]);
  const payload = {
    userId,
    role,
    ...(permissions !== undefined && { permissions }),
    ...(deactivatedAt !== null && { isDeactivated: true }),
    ...(tenant !== undefined && { tenantName: tenant.name }),
  };
  await appendToOutbox(query, [createDomainEvent({ type, tenantId, payload }, now)]);
}

/** Puts what was done to a member into the tenant's audit log. */
export async function reportMember(
  entityManager: EntityManager,
  caller: AuditedCaller,
  note: AuditNote,
): Promise<void> {
  await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note)]);
}
