import type { EntityManager } from '@tessera/service/database';
import { requireOneself } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { domainOf } from '../domains/domain-name.js';
import { EmailDomainEntity } from '../domains/email-domain.entity.js';
import { InvitationEntity } from '../invitations/invitation.entity.js';
import { createInvitationToken } from '../invitations/invitation-token.js';
import { MembershipEntity } from '../members/membership.entity.js';
import type { AccountClient } from '../references/account-client.js';
import { TenantEntity } from '../tenants/tenant.entity.js';

/** Nobody looks at more. */
const maxInvitations = 50;

export interface JoinableTenant {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly role: string;
  /** Absent where it is the address that lets in. */
  readonly invitationToken: string | null;
  readonly expiresAt: Date | null;
}

type Offer = Omit<JoinableTenant, 'tenantName'>;

export interface JoinableTenantServiceOptions {
  /** Of invitations' tokens. */
  readonly secret: string;
  readonly serviceScope: () => DataScope;
  /** Knows the callers' addresses; without it nobody is told of any. */
  readonly accounts: AccountClient | undefined;
  readonly now?: () => Date;
}

/** What waits for a person who has come by themselves: whoever signs up without a mail's link would never find their tenant. */
export class JoinableTenantService {
  readonly #options: JoinableTenantServiceOptions;

  constructor(options: JoinableTenantServiceOptions) {
    this.#options = options;
  }

  /**
   * Tenants that the caller may join and is not in. The token of an invitation is worth as much as its mail, so it is for who has
   * proven to read that mailbox, whatever invitations ask for elsewhere.
   *
   * @throws AppError `SUBGRAPH_UNAVAILABLE` where the caller's address cannot be found out
   */
  async list({ principal, scope }: Caller): Promise<JoinableTenant[]> {
    const { userId } = requireOneself(principal);
    const own = await this.#options.accounts?.ownAddress(principal);
    if (own === undefined || !own.isVerified) return [];
    const memberships = await scope.read((entityManager) => entityManager.find(MembershipEntity, { userId }));
    const joined = new Set(memberships.map(({ tenantId }) => tenantId));
    // The caller is in none of the others: the service reads them, for the address says which.
    const service = this.#options.serviceScope();
    return service
      .read(async (entityManager) => {
        const invitations = await this.#invitationsOf(entityManager, own.email.toLowerCase());
        const byDomain = await offersOfDomain(entityManager, domainOf(own.email));
        const invitedTo = new Set(invitations.map(({ tenantId }) => tenantId));
        const offers = [...invitations, ...byDomain.filter(({ tenantId }) => !invitedTo.has(tenantId))];
        return nameTenants(
          entityManager,
          offers.filter(({ tenantId }) => !joined.has(tenantId)),
        );
      })
      .finally(() => service.close());
  }

  async #invitationsOf(entityManager: EntityManager, email: string): Promise<Offer[]> {
    const { secret, now = () => new Date() } = this.#options;
    const open = { email, acceptedAt: null, revokedAt: null, expiresAt: { $gt: now() } };
    const found = await entityManager.find(InvitationEntity, open, { orderBy: { id: 'desc' }, limit: maxInvitations });
    return found.map(({ id, tenantId, role, expiresAt }) => {
      return { tenantId, role, expiresAt, invitationToken: createInvitationToken(secret, id) };
    });
  }
}

async function offersOfDomain(entityManager: EntityManager, domain: string): Promise<Offer[]> {
  const open = { domain, verifiedAt: { $ne: null }, autoJoinRole: { $ne: null } };
  const found = await entityManager.find(EmailDomainEntity, open);
  return found.flatMap(({ tenantId, autoJoinRole: role }) =>
    role === null ? [] : [{ tenantId, role, invitationToken: null, expiresAt: null }],
  );
}

/** Leaves out those that nobody can join at present. */
async function nameTenants(entityManager: EntityManager, offers: readonly Offer[]): Promise<JoinableTenant[]> {
  const ids = offers.map(({ tenantId }) => tenantId);
  const tenants = await entityManager.find(TenantEntity, { id: { $in: ids }, status: 'ACTIVE' });
  const names = new Map(tenants.map(({ id, name }) => [id, name]));
  return offers.flatMap((offer) => {
    const tenantName = names.get(offer.tenantId);
    return tenantName === undefined ? [] : [{ ...offer, tenantName }];
  });
}
