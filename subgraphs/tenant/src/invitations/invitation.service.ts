import { findPage, isId, newId, sqlOf, type Page, type PageArguments, type RunSql } from '@tessera/service/database';
import { notFound, parseInput } from '@tessera/service/errors';
import { requirePermission, requireUser } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { MembershipEntity } from '../members/membership.entity.js';
import type { MemberService } from '../members/member.service.js';
import { assertOwn } from '../roles/role.service.js';
import { permissionsOfRole, roleNameSchema } from '../roles/role-use.js';
import { InvitationEntity } from './invitation.entity.js';
import { invitationNotFound, readInvitationToken } from './invitation-token.js';

const inviteSchema = z.object({
  email: z
    .email()
    .max(320)
    .transform((email) => email.toLowerCase()),
  role: roleNameSchema.default('USER'),
});

const lifetimeMs = 7 * 24 * 60 * 60 * 1_000;

/** Puts the sending of an invitation's mail into the caller's transaction. */
export type EnqueueInvitationMail = (
  invitation: { readonly tenantId: string; readonly invitationId: string },
  query: RunSql,
) => Promise<void>;

export interface InvitationServiceOptions {
  readonly secret: string;
  readonly members: MemberService;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly enqueueMail: EnqueueInvitationMail;
  readonly now?: () => Date;
}

/** Invitations into the active tenant, from the mail to the membership. */
export class InvitationService {
  readonly #options: InvitationServiceOptions;
  readonly #now: () => Date;

  constructor(options: InvitationServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Invites an address. The mail leaves once this is committed. */
  async invite({ principal, scope }: Caller, input: unknown): Promise<InvitationEntity> {
    const { tenantId, userId } = requirePermission(principal, 'members:manage');
    const { email, role } = parseInput(inviteSchema, input);
    const createdAt = this.#now();
    const invitation = Object.assign(new InvitationEntity(), {
      id: newId(),
      tenantId,
      email,
      role,
      invitedBy: userId,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + lifetimeMs),
    });
    await scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      assertOwn(principal, await permissionsOfRole(entityManager, query, tenantId, role));
      entityManager.persist(invitation);
      await entityManager.flush();
      await this.#options.enqueueMail({ tenantId, invitationId: invitation.id }, query);
    });
    return invitation;
  }

  /**
   * Makes the caller a member by the token of an invitation, which is then used up.
   *
   * @throws AppError `NOT_FOUND` for a token that is forged, expired, revoked or used
   */
  async accept({ principal }: Caller, token: string): Promise<MembershipEntity> {
    const { userId } = requireUser(principal);
    const invitationId = readInvitationToken(this.#options.secret, token);
    const { serviceScope, members } = this.#options;
    const lookup = serviceScope();
    const found = await lookup.read((entityManager) => entityManager.findOne(InvitationEntity, { id: invitationId }));
    await lookup.close();
    if (found === null) throw invitationNotFound();
    const { tenantId } = found;
    return serviceScope(tenantId).write(async (entityManager) => {
      await sqlOf(entityManager)('select 1 from invitation where id = $1 for update', [invitationId]);
      const invitation = await entityManager.findOneOrFail(InvitationEntity, { id: invitationId });
      const isOpen =
        invitation.acceptedAt === null && invitation.revokedAt === null && invitation.expiresAt > this.#now();
      if (!isOpen) throw invitationNotFound();
      invitation.acceptedAt = this.#now();
      await entityManager.flush();
      return members.add(entityManager, { tenantId, userId, role: invitation.role });
    });
  }

  async revoke({ principal, scope }: Caller, id: string): Promise<InvitationEntity> {
    requirePermission(principal, 'members:manage');
    if (!isId(id)) throw notFound('Invitation');
    return scope.write(async (entityManager) => {
      const invitation = await entityManager.findOne(InvitationEntity, { id, acceptedAt: null });
      if (invitation === null) throw notFound('Invitation');
      invitation.revokedAt ??= this.#now();
      await entityManager.flush();
      return invitation;
    });
  }

  /** The active tenant's invitations, the newest first. */
  async list({ principal, scope }: Caller, pageArguments: PageArguments): Promise<Page<InvitationEntity>> {
    const { tenantId } = requirePermission(principal, 'members:manage');
    return findPage(scope, InvitationEntity, { tenantId }, pageArguments, 'desc');
  }
}
