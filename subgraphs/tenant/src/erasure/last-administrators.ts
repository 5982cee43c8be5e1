import { AppError } from '@tessera/service/errors';
import { subjectPrincipal } from '@tessera/service/personal-data';
import type { DataScope } from '@tessera/service/tenancy';
import type { Principal } from '@tessera/service/identity';
import { countOtherAdministrators } from '../members/administrators.js';
import { MembershipEntity } from '../members/membership.entity.js';
import { TenantEntity } from '../tenants/tenant.entity.js';

/** Knows the tenants that would be left without an administrator. */
export class LastAdministrators {
  constructor(private readonly openScope: (principal: Principal) => DataScope) {}

  /**
   * @throws AppError `PRECONDITION_FAILED` with the tenants of which the person is the last administrator: they are handed over
   *   or erased first
   */
  async assertNone(userId: string): Promise<void> {
    const tenantIds = await this.find(userId);
    if (tenantIds.length === 0) return;
    throw new AppError('PRECONDITION_FAILED', 'Tenants would be left without an administrator', {
      details: { reason: 'LAST_ADMINISTRATOR', tenantIds },
    });
  }

  /** The tenants, but those that are being erased themselves, of which a person is the only administrator. */
  async find(userId: string): Promise<readonly string[]> {
    const administered = await this.#read(subjectPrincipal({ kind: 'person', id: userId }), async (scope) =>
      scope.read((entityManager) => entityManager.find(MembershipEntity, { userId, role: 'TENANT_ADMIN' })),
    );
    const alone: string[] = [];
    for (const { tenantId } of administered) {
      const others = await this.#read(subjectPrincipal({ kind: 'tenant', id: tenantId }), (scope) =>
        scope.read(async (entityManager) => {
          const isGoing = (await entityManager.count(TenantEntity, { id: tenantId, status: 'DELETING' })) > 0;
          if (isGoing) return 1;
          return countOtherAdministrators(entityManager, tenantId, userId);
        }),
      );
      if (others === 0) alone.push(tenantId);
    }
    return alone;
  }

  async #read<T>(principal: Principal, work: (scope: DataScope) => Promise<T>): Promise<T> {
    const scope = this.openScope(principal);
    return work(scope).finally(() => scope.close());
  }
}
