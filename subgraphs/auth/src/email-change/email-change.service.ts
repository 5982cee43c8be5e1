import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { newId, sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { type Revocation, requireOneself } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { emailSchema } from '../accounts/email.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { linkOver } from '../emails/mail-token.js';
import { announceRenewedSessions } from '../sessions/end-sessions.js';
import { requireRecentAuthentication } from '../step-up/recent-authentication.js';
import type { ChangeLinks } from './change-link.js';

const lifetimeHours = 24;
const requestSchema = z.object({ newEmail: emailSchema });
const confirmSchema = z.object({ token: z.string().max(128) });

export interface EmailChangeOptions {
  readonly openScope: () => DataScope;
  readonly links: ChangeLinks;
  readonly planMail: PlanAccountMail;
  readonly pubSub: PubSub;
}

interface PendingChange {
  readonly userId: string;
  readonly newEmail: string;
  readonly isComplete: boolean;
}

/** Changing the address of sign-in: confirmed in the mailbox until now and in the one to come. */
export class EmailChangeService {
  constructor(private readonly options: EmailChangeOptions) {}

  /**
   * Sends links to both addresses; a change that was asked for before is over. Whether the new address has an account shows
   * nowhere: its owner is told by mail instead.
   *
   * @throws AppError `PRECONDITION_FAILED` without a recent proof
   */
  async request(caller: AuditedCaller, input: unknown): Promise<void> {
    const { userId } = requireOneself(caller.principal);
    const { newEmail } = parseInput(requestSchema, input);
    const { openScope, planMail } = this.options;
    await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      const [account] = await query<{ readonly email: string }>('select email from account where id = $1', [userId]);
      if (account === undefined || account.email === newEmail) {
        throw new AppError('BAD_USER_INPUT', 'This is the address already');
      }
      const id = newId();
      await query(
        `insert into email_change (id, user_id, new_email, expires_at)
         values ($1, $2, $3, now() + make_interval(hours => $4))
         on conflict (user_id) do update set id = excluded.id, new_email = excluded.new_email,
           expires_at = excluded.expires_at, old_confirmed_at = null, new_confirmed_at = null`,
        [id, userId, newEmail, lifetimeHours],
      );
      await recordAudit(query, toAuditRecord(caller, { action: 'email.changeRequested' }));
      await planMail('change-email', account.email, query, id);
      await planMail('confirm-new-email', newEmail, query, id);
    });
  }

  /**
   * Takes one of the two confirmations; the second one, whichever it is, makes the change. Repeating one changes nothing. That of
   * the new address counts in a session of the account alone: who opens the link without one may have been tricked into it, and the
   * address, with all that it grants, would be that of somebody else's account.
   *
   * @returns whether the address is changed now
   * @throws AppError `UNAUTHENTICATED` or `FORBIDDEN` for the new address without such a session, `BAD_USER_INPUT` for a link that is forged or over, `CONFLICT` where somebody else has the address by now
   */
  async confirm(caller: AuditedCaller, input: unknown): Promise<boolean> {
    const link = this.options.links.read(parseInput(confirmSchema, input).token);
    if (link === undefined) throw linkOver();
    const { changeId, side } = link;
    const { openScope, pubSub } = this.options;
    const renewed = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const [change] = await query<PendingChange>(
        `update email_change set
             old_confirmed_at = case when $2 = 'old' then coalesce(old_confirmed_at, now()) else old_confirmed_at end,
             new_confirmed_at = case when $2 = 'new' then coalesce(new_confirmed_at, now()) else new_confirmed_at end
           where id = $1 and expires_at > now()
           returning user_id as "userId", new_email as "newEmail",
             old_confirmed_at is not null and new_confirmed_at is not null as "isComplete"`,
        [changeId, side],
      );
      if (change === undefined) throw linkOver();
      if (side === 'new') assertOwnAccount(caller, change.userId);
      return change.isComplete ? this.#change(query, caller, change) : undefined;
    });
    if (renewed === undefined) return false;
    await announceRenewedSessions(pubSub, renewed);
    return true;
  }

  async #change(
    query: RunSql,
    caller: AuditedCaller,
    { userId, newEmail }: PendingChange,
  ): Promise<Revocation['renewed']> {
    const [before] = await query<{ readonly email: string }>('select email from account where id = $1 for update', [
      userId,
    ]);
    const [changed] = await query(
      `update account set email = $2, email_verified_at = now()
       where id = $1 and not exists (select 1 from account where email = $2) returning 1`,
      [userId, newEmail],
    );
    if (changed === undefined) throw new AppError('CONFLICT', 'Somebody has an account with this address by now');
    await query('delete from email_change where user_id = $1', [userId]);
    await recordAudit(query, toAuditRecord(caller, { action: 'email.changed', subjectId: userId }));
    if (before !== undefined) await this.options.planMail('email-changed', before.email, query, userId);
    // What an address grants (SUPER_ADMIN_EMAILS) must not outlast it in tokens that are about.
    return query<{ readonly sessionId: string; readonly rightsVersion: number }>(
      `update session set rights_version = rights_version + 1, rights_changed_at = now()
       where (user_id = $1 or impersonator_id = $1) and revoked_at is null
       returning id as "sessionId", rights_version as "rightsVersion"`,
      [userId],
    );
  }
}

function assertOwnAccount({ principal }: AuditedCaller, userId: string): void {
  if (requireOneself(principal).userId === userId) return;
  throw new AppError('FORBIDDEN', 'Sign in to the account whose address changes, and open the link again');
}
