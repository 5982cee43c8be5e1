import {
  findPage,
  isId,
  newId,
  sqlOf,
  type EntityManager,
  type Page,
  type PageArguments,
} from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requirePermission, requireTenant, requireUser } from '@tessera/service/identity';
import type { Caller, MemberEventType } from '@tessera/service/tenancy';
import { z } from 'zod';
import { MembershipEntity } from './membership.entity.js';

/** Roles that a tenant's administrator may give. */
export const tenantRoleSchema = z.enum(['TENANT_ADMIN', 'USER']);

const changeRoleSchema = z.object({ userId: z.uuid(), role: tenantRoleSchema });

/** Who belongs to a tenant, and as what. */
export class MemberService {
  constructor(private readonly now: () => Date = () => new Date()) {}

  /** Adds a person inside the caller's transaction; someone who is a member already stays as they are. */
  async add(
    entityManager: EntityManager,
    { tenantId, userId, role }: { readonly tenantId: string; readonly userId: string; readonly role: string },
  ): Promise<MembershipEntity> {
    const existing = await entityManager.findOne(MembershipEntity, { tenantId, userId });
    if (existing !== null) return existing;
    const membership = Object.assign(new MembershipEntity(), {
      id: newId(),
      tenantId,
      userId,
      role,
      joinedAt: this.now(),
    });
    entityManager.persist(membership);
    await entityManager.flush();
    await this.#announce(entityManager, 'member.joined', membership);
    return membership;
  }

  /** The members of the active tenant, the first to join first. */
  async list({ principal, scope }: Caller, pageArguments: PageArguments): Promise<Page<MembershipEntity>> {
    const { tenantId } = requirePermission(principal, 'members:read');
    return findPage(scope, MembershipEntity, { tenantId }, pageArguments, 'asc');
  }

  /** The caller's membership in one tenant; null where they are no member. Auth asks this when a tenant is switched. */
  async ownIn({ principal, scope }: Caller, tenantId: string): Promise<MembershipEntity | null> {
    const { userId } = requireUser(principal);
    if (!isId(tenantId)) return null;
    return scope.read((entityManager) => entityManager.findOne(MembershipEntity, { tenantId, userId }));
  }

  async changeRole({ principal, scope }: Caller, input: unknown): Promise<MembershipEntity> {
    const { tenantId } = requirePermission(principal, 'members:manage');
    const { userId, role } = parseInput(changeRoleSchema, input);
    return scope.write(async (entityManager) => {
      const membership = await this.#lock(entityManager, tenantId, userId);
      if (membership.role === role) return membership;
      if (membership.role === 'TENANT_ADMIN') await assertOtherAdministrator(entityManager, tenantId, userId);
      membership.role = role;
      await entityManager.flush();
      await this.#announce(entityManager, 'member.roleChanged', membership);
      return membership;
    });
  }

  /** Takes a person out of the active tenant: an administrator anybody, everybody themselves. */
  async remove({ principal, scope }: Caller, userId: string): Promise<boolean> {
    const caller = requireTenant(principal);
    if (caller.userId !== userId) requirePermission(principal, 'members:manage');
    if (!isId(userId)) throw notFound('Member');
    const { tenantId } = caller;
    return scope.write(async (entityManager) => {
      const membership = await this.#lock(entityManager, tenantId, userId);
      if (membership.role === 'TENANT_ADMIN') await assertOtherAdministrator(entityManager, tenantId, userId);
      entityManager.remove(membership);
      await entityManager.flush();
      await this.#announce(entityManager, 'member.removed', membership);
      return true;
    });
  }

  /** Locks the tenant, then reads the member: two administrators who demote each other at once must not both succeed. */
  async #lock(entityManager: EntityManager, tenantId: string, userId: string): Promise<MembershipEntity> {
    await sqlOf(entityManager)('select 1 from tenant where id = $1 for update', [tenantId]);
    const membership = await entityManager.findOne(MembershipEntity, { tenantId, userId });
    if (membership === null) throw notFound('Member');
    return membership;
  }

  async #announce(entityManager: EntityManager, type: MemberEventType, membership: MembershipEntity): Promise<void> {
    const { tenantId, userId, role } = membership;
    const event = createDomainEvent({ type, tenantId, payload: { userId, role } }, this.now);
    await appendToOutbox(sqlOf(entityManager), [event]);
  }
}

async function assertOtherAdministrator(entityManager: EntityManager, tenantId: string, userId: string): Promise<void> {
  const others = await entityManager.count(MembershipEntity, {
    tenantId,
    role: 'TENANT_ADMIN',
    userId: { $ne: userId },
  });
  if (others === 0) throw new AppError('PRECONDITION_FAILED', 'The last administrator of a tenant must remain');
}
