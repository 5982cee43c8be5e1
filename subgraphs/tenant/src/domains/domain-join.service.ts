import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { isId, sqlOf } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireOneself } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import type { MembershipEntity } from '../members/membership.entity.js';
import type { MemberService } from '../members/member.service.js';
import type { AccountClient } from '../references/account-client.js';
import { permissionsOfRole } from '../roles/role-use.js';
import { domainOf } from './domain-name.js';
import { EmailDomainEntity } from './email-domain.entity.js';

export interface DomainJoinServiceOptions {
  readonly members: MemberService;
  readonly serviceScope: (tenantId?: string) => DataScope;
  /** Knows the callers' addresses; without it nobody joins by a domain. */
  readonly accounts: AccountClient | undefined;
}

/** Joining a tenant by the domain of one's address. */
export class DomainJoinService {
  readonly #options: DomainJoinServiceOptions;

  constructor(options: DomainJoinServiceOptions) {
    this.#options = options;
  }

  /**
   * Makes the caller a member of the tenant whose proven domain their proven address has.
   *
   * @throws AppError `NOT_FOUND` where there is none that lets them in, `PRECONDITION_FAILED` for an address that is not proven,
   *   `QUOTA_EXCEEDED` where the plan allows no more members
   */
  async join(caller: AuditedCaller, tenantId: string): Promise<MembershipEntity> {
    const { userId } = requireOneself(caller.principal);
    const { accounts, members, serviceScope } = this.#options;
    if (!isId(tenantId) || accounts === undefined) throw notFound('Tenant');
    const { email, isVerified } = await accounts.ownAddress(caller.principal);
    return serviceScope(tenantId).write(async (entityManager) => {
      const open = { tenantId, domain: domainOf(email), verifiedAt: { $ne: null }, autoJoinRole: { $ne: null } };
      const found = await entityManager.findOne(EmailDomainEntity, open);
      if (found === null || found.autoJoinRole === null) throw notFound('Tenant');
      if (!isVerified)
        throw new AppError('PRECONDITION_FAILED', 'Verify your address first: it was not proven to be yours');
      const query = sqlOf(entityManager);
      const role = found.autoJoinRole;
      await permissionsOfRole(entityManager, query, tenantId, role);
      const note = {
        action: 'member.joinedByDomain',
        subjectId: userId,
        targetType: 'EmailDomain',
        targetId: found.id,
      };
      await appendToOutbox(query, [auditEvent(caller, note, tenantId)]);
      return members.add(entityManager, { tenantId, userId, role });
    });
  }
}
