import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireOneself, type Principal } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import type { MemberService } from '../members/member.service.js';
import { MembershipEntity } from '../members/membership.entity.js';
import type { AccountClient } from '../references/account-client.js';
import { TenantEntity } from '../tenants/tenant.entity.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { InvitationEntity } from './invitation.entity.js';
import { invitationNotFound, readInvitationToken } from './invitation-token.js';

export interface AcceptanceServiceOptions {
  readonly secrets: readonly string[];
  readonly members: MemberService;
  readonly serviceScope: (tenantId?: string) => DataScope;
  /** Knows the callers' addresses; without it only invitations that are open to anyone can be accepted. */
  readonly accounts: AccountClient | undefined;
  /** Whether the invited address must have been proven; not where nobody is ever asked to. */
  readonly mustBeVerified: boolean;
  readonly now?: () => Date;
}

export interface OpenInvitation {
  readonly invitation: InvitationEntity;
  readonly tenant: TenantEntity;
}

/** What becomes of an invitation at the other end. Who has its token has read the mail, or was handed the link. */
export class AcceptanceService {
  readonly #options: AcceptanceServiceOptions;
  readonly #now: () => Date;

  constructor(options: AcceptanceServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * What an invitation says, for who has its token, signed in or not.
   *
   * @throws AppError `NOT_FOUND` for a token that is forged, expired, revoked or used
   */
  async preview(token: string): Promise<OpenInvitation> {
    const invitation = await this.#find(token);
    const scope = this.#options.serviceScope(invitation.tenantId);
    const tenant = await scope
      .read((entityManager) => entityManager.findOneOrFail(TenantEntity, { id: invitation.tenantId }))
      .finally(() => scope.close());
    return { invitation, tenant };
  }

  /**
   * Makes the caller a member, and uses the invitation up. Repeating it changes nothing, and answers the membership while there is one:
   * an answer may be lost on its way.
   *
   * @throws AppError `NOT_FOUND` as {@link preview}, `FORBIDDEN` for who has another address than was invited,
   *   `PRECONDITION_FAILED` for who has not proven it yet, `QUOTA_EXCEEDED` where the plan allows no more members
   */
  async accept(caller: Caller & AuditedCaller, token: string): Promise<MembershipEntity> {
    const { userId } = requireOneself(caller.principal);
    const found = await this.#read(token);
    const { id, tenantId, email, openToAnyone } = found;
    if (found.acceptedAt === null) {
      this.#assertOpen(found);
      if (!openToAnyone) await this.#assertInvited(caller.principal, email);
    }
    const { serviceScope, members } = this.#options;
    return serviceScope(tenantId).write(async (entityManager) => {
      const query = sqlOf(entityManager);
      // First, as all who add members do: a row that is changed twice in one transaction locks the tenant that it names a little,
      // and of two who do both neither could lock it for themselves any more.
      await lockTenant(entityManager, tenantId);
      await query('select 1 from invitation where id = $1 for update', [id]);
      const invitation = await entityManager.findOneOrFail(InvitationEntity, { id });
      if (invitation.acceptedAt !== null) return findJoined(entityManager, invitation, userId);
      this.#assertOpen(invitation);
      invitation.acceptedAt = this.#now();
      await entityManager.flush();
      // Also those that were taken back for this one: they name the same address.
      await query('update invitation set invitee_id = $2 where id = $1 or (not $3 and tenant_id = $4 and email = $5)', [
        id,
        userId,
        openToAnyone,
        tenantId,
        email,
      ]);
      const note = { action: 'invitation.accepted', subjectId: userId, targetType: 'Invitation', targetId: id };
      await appendToOutbox(query, [auditEvent(caller, note, tenantId)]);
      return members.add(entityManager, { tenantId, userId, role: invitation.role });
    });
  }

  /**
   * Has an invitation taken back by who was invited.
   *
   * @throws AppError as {@link accept} does for the token and the address, also of an invitation that is open to anyone
   */
  async decline(caller: Caller & AuditedCaller, token: string): Promise<void> {
    const { userId } = requireOneself(caller.principal);
    const { id, tenantId, email } = await this.#find(token);
    await this.#assertInvited(caller.principal, email);
    await this.#options.serviceScope(tenantId).write(async (entityManager) => {
      const open = { id, acceptedAt: null, revokedAt: null };
      const declined = await entityManager.nativeUpdate(InvitationEntity, open, { revokedAt: this.#now() });
      if (declined === 0) throw invitationNotFound();
      const note = { action: 'invitation.declined', subjectId: userId, targetType: 'Invitation', targetId: id };
      await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note, tenantId)]);
    });
  }

  async #find(token: string): Promise<InvitationEntity> {
    const invitation = await this.#read(token);
    this.#assertOpen(invitation);
    return invitation;
  }

  async #read(token: string): Promise<InvitationEntity> {
    const id = readInvitationToken(this.#options.secrets, token);
    // Whoever accepts is not in the tenant yet: the service reads it, because the token names it.
    const scope = this.#options.serviceScope();
    const invitation = await scope
      .read((entityManager) => entityManager.findOne(InvitationEntity, { id }))
      .finally(() => scope.close());
    if (invitation === null) throw invitationNotFound();
    return invitation;
  }

  #assertOpen({ acceptedAt, revokedAt, expiresAt }: InvitationEntity): void {
    if (acceptedAt !== null || revokedAt !== null || expiresAt <= this.#now()) throw invitationNotFound();
  }

  /** A link that was handed on lets nobody else in. */
  async #assertInvited(principal: Principal, email: string): Promise<void> {
    const { accounts, mustBeVerified } = this.#options;
    if (accounts === undefined) {
      throw new AppError('PRECONDITION_FAILED', 'It cannot be told whether the invitation is for this person');
    }
    const own = await accounts.ownAddress(principal);
    if (own.email.toLowerCase() !== email) {
      throw new AppError('FORBIDDEN', 'The invitation is for another address: sign in with that one');
    }
    if (mustBeVerified && !own.isVerified) {
      throw new AppError('PRECONDITION_FAILED', 'Verify your address first: it was not proven to be yours');
    }
  }
}

/** The membership of who has accepted an invitation before, and is still in. @throws AppError `NOT_FOUND` for anybody else */
async function findJoined(
  entityManager: EntityManager,
  { id, tenantId }: InvitationEntity,
  userId: string,
): Promise<MembershipEntity> {
  const own = await sqlOf(entityManager)('select 1 from invitation where id = $1 and invitee_id = $2', [id, userId]);
  const membership =
    own.length === 0 ? null : await entityManager.findOne(MembershipEntity, { tenantId, userId, deactivatedAt: null });
  if (membership === null) throw invitationNotFound();
  return membership;
}
