import type { AuditedCaller } from '@tessera/service/audit';
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
import {
  isSelf,
  refuseImpersonation,
  requireMemberManager,
  requireOneself,
  requirePermission,
  requireTenant,
  requireUser,
} from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import { announceRights, readRights } from '../groups/member-rights.js';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { assertOwn } from '../roles/role.service.js';
import { permissionsOfRole, roleNameSchema } from '../roles/role-use.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { assertOtherAdministrator } from './administrators.js';
import { announceMember, lockMember, reportMember } from './member-changes.js';
import { assertIsIn, countSeats, membersOf, type MembershipStatus } from './member-status.js';
import { MembershipEntity } from './membership.entity.js';

const changeRoleSchema = z.object({ userId: z.uuid(), role: roleNameSchema });

/** Who belongs to a tenant, and as what. */
export class MemberService {
  constructor(
    private readonly plans: PlanCatalogue,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Adds a person inside the caller's transaction; someone who is a member already stays as they are. The tenant's row is locked,
   * so that of many who join at once only as many do as the plan has seats for.
   *
   * @throws AppError `QUOTA_EXCEEDED` where the plan allows no more members, `FORBIDDEN` for a tenant that is not in use and,
   *   with the reason `MEMBER_DEACTIVATED`, for a member who is locked out
   */
  async add(
    entityManager: EntityManager,
    { tenantId, userId, role }: { readonly tenantId: string; readonly userId: string; readonly role: string },
  ): Promise<MembershipEntity> {
    const tenant = await lockTenant(entityManager, tenantId);
    const existing = await entityManager.findOne(MembershipEntity, { tenantId, userId });
    if (existing !== null) return assertIsIn(existing);
    if (tenant.status !== 'ACTIVE') throw new AppError('FORBIDDEN', 'The tenant is not in use at present');
    this.plans.assertRoom(tenant.plan, 'seats', await countSeats(entityManager, tenantId));
    const membership = Object.assign(new MembershipEntity(), {
      id: newId(),
      tenantId,
      userId,
      role,
      joinedAt: this.now(),
    });
    entityManager.persist(membership);
    await entityManager.flush();
    await announceMember(entityManager, 'member.joined', membership, this.now);
    return membership;
  }

  /** The members of the active tenant, the first to join first; all, or those of one status. */
  async list(
    { principal, scope }: Caller,
    status: MembershipStatus | undefined,
    pageArguments: PageArguments,
  ): Promise<Page<MembershipEntity>> {
    const { tenantId } = requirePermission(principal, 'members:read');
    const where = { tenantId, ...(status !== undefined && membersOf(status)) };
    return findPage(scope, MembershipEntity, where, pageArguments, 'asc');
  }

  /** The caller's membership in one tenant; null where they are no member. Auth asks this when a tenant is switched. */
  async ownIn({ principal, scope }: Caller, tenantId: string): Promise<MembershipEntity | null> {
    const { userId } = requireUser(principal);
    if (!isId(tenantId)) return null;
    return scope.read((entityManager) => entityManager.findOne(MembershipEntity, { tenantId, userId }));
  }

  /** @throws AppError `FORBIDDEN` where either role grants what the caller has not */
  async changeRole(caller: Caller & AuditedCaller, input: unknown): Promise<MembershipEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { userId, role } = parseInput(changeRoleSchema, input);
    return scope.write(async (entityManager) => {
      const membership = await lockMember(entityManager, tenantId, userId);
      if (membership.role === role) return membership;
      const query = sqlOf(entityManager);
      for (const name of [membership.role, role]) {
        assertOwn(principal, await permissionsOfRole(entityManager, query, tenantId, name));
      }
      if (membership.role === 'TENANT_ADMIN') await assertOtherAdministrator(entityManager, tenantId, userId);
      const details = { before: membership.role, role };
      membership.role = role;
      await entityManager.flush();
      await announceMember(entityManager, 'member.roleChanged', membership, this.now);
      await this.#announceGrouped(entityManager, membership);
      await reportMember(entityManager, caller, { action: 'member.roleChanged', subjectId: userId, details });
      return membership;
    });
  }

  /** Takes a person out of the active tenant: an administrator anybody, everybody themselves. */
  async remove(caller: Caller & AuditedCaller, userId: string): Promise<boolean> {
    const { principal, scope } = caller;
    const { tenantId } = requireTenant(principal);
    refuseImpersonation(principal);
    const isLeaving = isSelf(principal, userId);
    if (!isLeaving) requireMemberManager(principal);
    if (!isId(userId)) throw notFound('Member');
    return scope.write(async (entityManager) => {
      const membership = await lockMember(entityManager, tenantId, userId);
      const query = sqlOf(entityManager);
      const [rights] = await readRights(query, [{ tenantId, userId }]);
      // Of those who may do more, by whatever role, nobody rids themselves.
      if (!isLeaving) assertOwn(principal, rights?.permissions ?? []);
      if (membership.role === 'TENANT_ADMIN') await assertOtherAdministrator(entityManager, tenantId, userId);
      entityManager.remove(membership);
      await entityManager.flush();
      if (rights?.isGrouped === true) await announceRights(query, tenantId, [userId], this.now);
      await announceMember(entityManager, 'member.removed', membership, this.now);
      await reportMember(entityManager, caller, {
        action: 'member.removed',
        subjectId: userId,
        details: { role: membership.role },
      });
      return true;
    });
  }

  /**
   * Makes another member an administrator and the caller an ordinary one, both or neither. A key is not its maker: it gives nothing away.
   *
   * @throws AppError `UNAUTHENTICATED` for a program, `FORBIDDEN` for who is no administrator by role, `NOT_FOUND` for who is no member
   */
  async transferOwnership(caller: Caller & AuditedCaller, userId: string): Promise<MembershipEntity> {
    const { principal, scope } = caller;
    const { userId: own } = requireOneself(principal);
    const { tenantId } = requireMemberManager(principal);
    if (!isId(userId)) throw notFound('Member');
    if (userId === own) throw new AppError('BAD_USER_INPUT', 'Ownership goes to somebody else');
    return scope.write(async (entityManager) => {
      const heir = await lockMember(entityManager, tenantId, userId);
      assertIsIn(heir);
      const owner = await entityManager.findOne(MembershipEntity, { tenantId, userId: own });
      if (owner?.role !== 'TENANT_ADMIN') throw new AppError('FORBIDDEN', 'Role TENANT_ADMIN is required');
      const changes = [
        { membership: heir, role: 'TENANT_ADMIN' },
        { membership: owner, role: 'USER' },
      ];
      for (const { membership, role } of changes) {
        if (membership.role === role) continue;
        const details = { before: membership.role, role };
        membership.role = role;
        await entityManager.flush();
        await announceMember(entityManager, 'member.roleChanged', membership, this.now);
        await this.#announceGrouped(entityManager, membership);
        const subjectId = membership.userId;
        await reportMember(entityManager, caller, { action: 'member.roleChanged', subjectId, details });
      }
      return heir;
    });
  }

  /** What groups add is told of by itself, because it has an order of its own. */
  async #announceGrouped(entityManager: EntityManager, { tenantId, userId }: MembershipEntity): Promise<void> {
    const query = sqlOf(entityManager);
    const [rights] = await readRights(query, [{ tenantId, userId }]);
    if (rights?.isGrouped === true) await announceRights(query, tenantId, [userId], this.now);
  }
}
