import { z } from 'zod';
import { sqlOf, type EntityManager } from '../database/index.js';
import type { DomainEvent } from '../events/index.js';
import { createPolicy, enableRowSecurity, isOwnTenant, isOwnUser, isService } from './policies.js';

/**
 * Who is a member of which tenant, as far as this subgraph has heard: a copy kept by events, for subgraphs that need it
 * in their own queries and policies. The tenant subgraph holds the truth.
 */
export const memberDirectorySql: readonly string[] = [
  `create table tenant_member (
    tenant_id uuid not null,
    user_id uuid not null,
    role text not null,
    is_active boolean not null,
    changed_at timestamptz not null,
    primary key (tenant_id, user_id)
  )`,
  `create index tenant_member_user on tenant_member (user_id)`,
  ...enableRowSecurity('tenant_member'),
  createPolicy({
    table: 'tenant_member',
    using: `${isOwnTenant()} or ${isOwnUser()} or ${isService}`,
    check: `${isOwnTenant()} and ${isService}`,
  }),
];

/** For one migration of every subgraph that has the directory: who is deactivated is a member, and is not in the tenant. */
export const deactivatedMembersSql: readonly string[] = [
  'alter table tenant_member add column is_deactivated boolean not null default false',
];

/** Events by which the tenant subgraph announces a membership's whole new state. */
export const memberEventTypes = [
  'member.joined',
  'member.roleChanged',
  'member.deactivated',
  'member.reactivated',
  'member.removed',
] as const;

export type MemberEventType = (typeof memberEventTypes)[number];

export const memberEventSchema = z.object({
  userId: z.uuid(),
  role: z.string(),
  /** What the role grants, where the tenant defined it. */
  permissions: z.array(z.string()).optional(),
  /** Whether an administrator has locked the member out, who stays one. */
  isDeactivated: z.boolean().default(false),
});

/** Event by which the tenant subgraph announces that a role of a tenant's own making grants something else now. */
export const roleChangedEventType = 'role.changed';

export const roleChangedSchema = z.object({ role: z.string(), permissions: z.array(z.string()) });

export const isMemberEvent = (event: DomainEvent): boolean =>
  (memberEventTypes as readonly string[]).includes(event.type);

/** Takes over a membership's state, unless a later state is known already: events may arrive in any order. */
export async function applyMemberEvent(event: DomainEvent, entityManager: EntityManager): Promise<void> {
  const { userId, role, isDeactivated: isLocked } = memberEventSchema.parse(event.payload);
  const isDeactivated = isLocked || event.type === 'member.deactivated';
  const isMember = event.type !== 'member.removed';
  await sqlOf(entityManager)(
    `insert into tenant_member (tenant_id, user_id, role, is_active, is_deactivated, changed_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, user_id) do update
       set role = excluded.role, is_active = excluded.is_active, is_deactivated = excluded.is_deactivated,
         changed_at = excluded.changed_at
       where tenant_member.changed_at < excluded.changed_at`,
    [event.tenantId, userId, role, isMember && !isDeactivated, isMember && isDeactivated, event.occurredAt],
  );
}
