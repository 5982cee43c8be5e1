import type { AuditedCaller } from '@tessera/service/audit';
import { isId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { requireMemberManager, type TenantPrincipal } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { readRights } from '../groups/member-rights.js';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { assertOwn } from '../roles/role.service.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { assertOtherAdministrator } from './administrators.js';
import { announceMember, lockMember, reportMember } from './member-changes.js';
import { countSeats, statusOf, type MembershipStatus } from './member-status.js';
import type { MembershipEntity } from './membership.entity.js';

/** Locking members out of the active tenant and letting them in again. Nothing of theirs is lost, and their seat is free meanwhile. */
export class MemberStatusService {
  constructor(
    private readonly plans: PlanCatalogue,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Locks a member out: within a second they do nothing in the tenant any more. Asking again changes nothing.
   *
   * @throws AppError `PRECONDITION_FAILED` for the last administrator, `BAD_USER_INPUT` for oneself, `FORBIDDEN` for who has
   *   rights that the caller has not, `NOT_FOUND` for who is no member
   */
  async deactivate(caller: Caller & AuditedCaller, userId: string): Promise<MembershipEntity> {
    return this.#change(caller, userId, 'DEACTIVATED', async (entityManager, membership) => {
      const { tenantId, role } = membership;
      if (role === 'TENANT_ADMIN') await assertOtherAdministrator(entityManager, tenantId, userId);
      membership.deactivatedAt = this.now();
    });
  }

  /**
   * Lets a member in again, with the role of before. Asking again changes nothing.
   *
   * @throws AppError `QUOTA_EXCEEDED` where no seat is free, otherwise as {@link deactivate}
   */
  async reactivate(caller: Caller & AuditedCaller, userId: string): Promise<MembershipEntity> {
    return this.#change(caller, userId, 'ACTIVE', async (entityManager, membership) => {
      const { tenantId } = membership;
      const { plan } = await lockTenant(entityManager, tenantId);
      this.plans.assertRoom(plan, 'seats', await countSeats(entityManager, tenantId));
      membership.deactivatedAt = null;
    });
  }

  async #change(
    caller: Caller & AuditedCaller,
    userId: string,
    status: MembershipStatus,
    change: (entityManager: EntityManager, membership: MembershipEntity) => Promise<void>,
  ): Promise<MembershipEntity> {
    const principal = assertOther(requireMemberManager(caller.principal), userId);
    const { tenantId } = principal;
    const verb = status === 'ACTIVE' ? 'member.reactivated' : 'member.deactivated';
    return caller.scope.write(async (entityManager) => {
      const membership = await lockMember(entityManager, tenantId, userId);
      if (statusOf(membership) === status) return membership;
      const { role } = membership;
      const [rights] = await readRights(sqlOf(entityManager), [{ tenantId, userId }]);
      assertOwn(principal, rights?.permissions ?? []);
      await change(entityManager, membership);
      await entityManager.flush();
      await announceMember(entityManager, verb, membership, this.now);
      await reportMember(entityManager, caller, { action: verb, subjectId: userId, details: { role } });
      return membership;
    });
  }
}

function assertOther(principal: TenantPrincipal, userId: string): TenantPrincipal {
  if (!isId(userId)) throw notFound('Member');
  if (principal.userId !== userId) return principal;
  throw new AppError('BAD_USER_INPUT', 'Nobody locks out themselves: leave the tenant instead');
}
