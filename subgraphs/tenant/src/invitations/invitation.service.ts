import { LockMode } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import {
  findPage,
  isId,
  newId,
  sqlOf,
  type EntityManager,
  type Page,
  type PageArguments,
  type RunSql,
} from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireMemberManager, requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { assertOwn } from '../roles/role.service.js';
import { permissionsOfRole, roleNameSchema } from '../roles/role-use.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { InvitationEntity } from './invitation.entity.js';

const dayMs = 24 * 60 * 60 * 1_000;
const expiresInDaysSchema = z.number().int().min(1).max(30);

const inviteSchema = z.object({
  email: z
    .email()
    .max(320)
    .transform((email) => email.toLowerCase()),
  role: roleNameSchema.default('USER'),
  expiresInDays: expiresInDaysSchema.default(7),
  openToAnyone: z.boolean().default(false),
});
const resendSchema = z.object({ id: z.uuid(), expiresInDays: expiresInDaysSchema.default(7) });

/** Nobody's box is flooded through us. */
const resendEveryMs = 60_000;
const maxSendings = 10;

/** Puts the sending of an invitation's mail into the caller's transaction. */
export type EnqueueInvitationMail = (
  invitation: { readonly tenantId: string; readonly invitationId: string },
  query: RunSql,
) => Promise<void>;

export interface InvitationServiceOptions {
  readonly plans: PlanCatalogue;
  readonly enqueueMail: EnqueueInvitationMail;
  readonly now?: () => Date;
}

/** Invitations into the active tenant, as those see them who invite. */
export class InvitationService {
  readonly #options: InvitationServiceOptions;
  readonly #now: () => Date;

  constructor(options: InvitationServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Invites an address. The mail leaves once this is committed. An open invitation of the same address is taken back.
   *
   * @throws AppError `QUOTA_EXCEEDED` where too many wait to be accepted, `FORBIDDEN` for a role beyond the caller's own rights
   */
  async invite(caller: Caller & AuditedCaller, input: unknown): Promise<InvitationEntity> {
    const { principal, scope } = caller;
    const { tenantId, userId } = requireMemberManager(principal);
    const { expiresInDays, ...wanted } = parseInput(inviteSchema, input);
    const createdAt = this.#now();
    const expiresAt = new Date(createdAt.getTime() + expiresInDays * dayMs);
    const { email, role, openToAnyone } = wanted;
    const invitation = Object.assign(new InvitationEntity(), { ...wanted, id: newId(), tenantId, invitedBy: userId });
    Object.assign(invitation, { createdAt, expiresAt, lastSentAt: createdAt });
    await scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      assertOwn(principal, await permissionsOfRole(entityManager, query, tenantId, role));
      const { plan } = await lockTenant(entityManager, tenantId);
      const open = { tenantId, acceptedAt: null, revokedAt: null, expiresAt: { $gt: createdAt } };
      await entityManager.nativeUpdate(InvitationEntity, { ...open, email }, { revokedAt: createdAt });
      this.#options.plans.assertRoom(plan, 'openInvitations', await entityManager.count(InvitationEntity, open));
      entityManager.persist(invitation);
      await entityManager.flush();
      await this.#options.enqueueMail({ tenantId, invitationId: invitation.id }, query);
      await report(query, caller, invitation, { action: 'invitation.sent', details: { email, role, openToAnyone } });
    });
    return invitation;
  }

  /**
   * Sends the mail again and lets the invitation live longer, also one that has expired.
   *
   * @throws AppError `RATE_LIMITED` within a minute of the last mail, `QUOTA_EXCEEDED` after ten
   */
  async resend(caller: Caller & AuditedCaller, input: unknown): Promise<InvitationEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { id, expiresInDays } = parseInput(resendSchema, input);
    return scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const invitation = await lockOpen(entityManager, id);
      const now = this.#now();
      const waitMs = (invitation.lastSentAt ?? invitation.createdAt).getTime() + resendEveryMs - now.getTime();
      if (waitMs > 0) {
        const retryAfterSeconds = Math.ceil(waitMs / 1_000);
        throw new AppError('RATE_LIMITED', 'The invitation was sent a moment ago', { retryAfterSeconds });
      }
      if (invitation.sentCount >= maxSendings) {
        throw new AppError('QUOTA_EXCEEDED', `An invitation is sent ${maxSendings} times at most`);
      }
      invitation.sentCount += 1;
      invitation.lastSentAt = now;
      invitation.expiresAt = new Date(now.getTime() + expiresInDays * dayMs);
      await entityManager.flush();
      await this.#options.enqueueMail({ tenantId, invitationId: id }, query);
      await report(query, caller, invitation, { action: 'invitation.resent' });
      return invitation;
    });
  }

  /** Takes an invitation back; its link is dead at once. */
  async revoke(caller: Caller & AuditedCaller, id: string): Promise<InvitationEntity> {
    const { principal, scope } = caller;
    requireMemberManager(principal);
    if (!isId(id)) throw notFound('Invitation');
    return scope.write(async (entityManager) => {
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const invitation = await entityManager.findOne(InvitationEntity, { id, acceptedAt: null }, { lockMode });
      if (invitation === null) throw notFound('Invitation');
      if (invitation.revokedAt !== null) return invitation;
      invitation.revokedAt = this.#now();
      await entityManager.flush();
      await report(sqlOf(entityManager), caller, invitation, { action: 'invitation.revoked' });
      return invitation;
    });
  }

  /** The active tenant's invitations, the newest first. */
  async list({ principal, scope }: Caller, pageArguments: PageArguments): Promise<Page<InvitationEntity>> {
    const { tenantId } = requirePermission(principal, 'members:manage');
    return findPage(scope, InvitationEntity, { tenantId }, pageArguments, 'desc');
  }
}

async function lockOpen(entityManager: EntityManager, id: string): Promise<InvitationEntity> {
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  const open = { id, acceptedAt: null, revokedAt: null };
  const invitation = await entityManager.findOne(InvitationEntity, open, { lockMode });
  if (invitation === null) throw notFound('Invitation');
  return invitation;
}

async function report(
  query: RunSql,
  caller: AuditedCaller,
  { id }: InvitationEntity,
  note: Parameters<typeof auditEvent>[1],
): Promise<void> {
  await appendToOutbox(query, [auditEvent(caller, { ...note, targetType: 'Invitation', targetId: id })]);
}
