import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { findPage, sqlOf, type Page, type PageArguments, type RunSql } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { AccountEntity } from '../accounts/account.entity.js';
import { emailSchema } from '../accounts/email.js';
import type { PlatformAdministrators } from '../accounts/platform-administrators.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { announceEndedSessions, announceRenewedSessions, endSessions } from '../sessions/end-sessions.js';
import type { AccountStatus } from './account-status.js';
import { lockPrograms } from './lock-programs.js';

const changeSchema = z.object({ userId: z.uuid(), reason: plainTextSchema(500) });
const searchSchema = z.object({ email: emailSchema.nullish() });

export interface AccountStatusOptions {
  readonly serviceScope: () => DataScope;
  readonly pubSub: PubSub;
  readonly administrators: PlatformAdministrators;
  readonly planMail: PlanAccountMail;
  readonly now?: () => Date;
}

/** Locking people out of the whole platform and letting them in again: the platform's business. */
export class AccountStatusService {
  readonly #options: AccountStatusOptions;
  readonly #now: () => Date;

  constructor(options: AccountStatusOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** Accounts, the newest first. @throws AppError `FORBIDDEN` for who does not run the platform */
  async list(
    { principal }: AuditedCaller,
    filter: { readonly email: string | undefined; readonly status: AccountStatus | undefined },
    page: PageArguments,
  ): Promise<Page<AccountEntity>> {
    requireSuperAdmin(principal);
    const { email } = parseInput(searchSchema, { email: filter.email });
    const deactivatedAt = filter.status === 'ACTIVE' ? null : { $ne: null };
    const where = { ...(email && { email }), ...(filter.status !== undefined && { deactivatedAt }) };
    return findPage(this.#options.serviceScope(), AccountEntity, where, page, 'desc');
  }

  /**
   * Locks a person out: no way in is left, all sessions end, and what programs of theirs hold is refused, within a second.
   * Repeating it announces that again.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform, `PRECONDITION_FAILED` for a person who does
   */
  async deactivate(caller: AuditedCaller, input: unknown): Promise<AccountEntity> {
    requireSuperAdmin(caller.principal);
    const { userId, reason } = parseInput(changeSchema, input);
    const { pubSub } = this.#options;
    const { account, ended, renewed } = await this.#options.serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await lockAccount(query, userId);
      const found = await entityManager.findOneOrFail(AccountEntity, { id: userId });
      if (this.#options.administrators.isListed(found.email)) {
        throw new AppError(
          'PRECONDITION_FAILED',
          'The person runs the platform: take the address out of its settings first',
        );
      }
      if (found.deactivatedAt === null) {
        found.deactivatedAt = this.#now();
        await entityManager.flush();
        await this.#announce(query, caller, found, { action: 'account.deactivated', reason });
      }
      const sessions = await endSessions(query, { userId, sessionId: undefined });
      return { account: found, ended: sessions, renewed: await lockPrograms(query, 'created_by', userId) };
    });
    await announceEndedSessions(pubSub, ended);
    await announceRenewedSessions(pubSub, renewed);
    return account;
  }

  /** Lets a person sign in again, and their programs in. Repeating it changes nothing. @throws AppError as {@link deactivate} */
  async reactivate(caller: AuditedCaller, input: unknown): Promise<AccountEntity> {
    requireSuperAdmin(caller.principal);
    const { userId, reason } = parseInput(changeSchema, input);
    return this.#options.serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await lockAccount(query, userId);
      const account = await entityManager.findOneOrFail(AccountEntity, { id: userId });
      if (account.deactivatedAt === null) return account;
      account.deactivatedAt = null;
      await entityManager.flush();
      await this.#announce(query, caller, account, { action: 'account.reactivated', reason });
      return account;
    });
  }

  async #announce(
    query: RunSql,
    caller: AuditedCaller,
    { id, email }: AccountEntity,
    { action, reason }: { readonly action: 'account.deactivated' | 'account.reactivated'; readonly reason: string },
  ): Promise<void> {
    const note = { action, subjectId: id, targetType: 'User', targetId: id, details: { reason } };
    await recordAudit(query, toAuditRecord(caller, note));
    await appendToOutbox(query, [createDomainEvent({ type: action, payload: { userId: id } }, this.#now)]);
    await this.#options.planMail(
      action === 'account.deactivated' ? 'account-deactivated' : 'account-reactivated',
      email,
      query,
    );
  }
}

/** Who is signing in holds the row too: a session is opened before, and then ended, or not at all. @throws AppError `NOT_FOUND` */
async function lockAccount(query: RunSql, userId: string): Promise<void> {
  const rows = await query('select 1 from account where id = $1 for update', [userId]);
  if (rows.length === 0) throw notFound('User');
}
