import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { requireOneself } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { emailSchema } from '../accounts/email.js';
import { proveAddress } from '../accounts/prove-address.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { linkOver, type MailTokens } from '../emails/mail-token.js';
import { announceEndedSessions, endSessions } from '../sessions/end-sessions.js';
import { requireRecentSecondFactor } from '../step-up/recent-authentication.js';
import { refusedProof } from '../step-up/refused-proof.js';
import type { PasswordPolicy } from '../defence/password-policy.js';
import type { SignInAttempt, SignInThrottle } from '../defence/sign-in-throttle.js';
import type { HashingCaller, PasswordHasher } from './password-hasher.js';
import { newPasswordSchema, submittedPasswordSchema } from './password-schema.js';

const changeSchema = z.object({ currentPassword: submittedPasswordSchema, newPassword: newPasswordSchema });
const resetSchema = z.object({ token: z.string().max(4_096), newPassword: newPasswordSchema });

export interface PasswordServiceOptions {
  readonly openScope: () => DataScope;
  readonly hasher: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly throttle: SignInThrottle;
  readonly tokens: MailTokens;
  readonly planMail: PlanAccountMail;
  readonly pubSub: PubSub;
}

/** Changing a password, known or forgotten. Either way other sessions end, and the person is told by mail. */
export class PasswordService {
  readonly #options: PasswordServiceOptions;

  constructor(options: PasswordServiceOptions) {
    this.#options = options;
  }

  /**
   * @throws AppError `FORBIDDEN` where the current password is wrong, `RATE_LIMITED` where it was too often, `PRECONDITION_FAILED`
   *   where a second factor must be shown again
   */
  async change(caller: AuditedCaller & HashingCaller, input: unknown): Promise<void> {
    const user = requireOneself(caller.principal);
    const { userId, sessionId } = user;
    const { currentPassword, newPassword } = parseInput(changeSchema, input);
    const { hasher, throttle } = this.#options;
    const attempt = await throttle.admitProof(user);
    const stored = await this.#find(userId);
    const verdict = hasher.verify(caller, currentPassword, stored?.hash ?? hasher.decoy);
    const { matches } = await verdict.catch(async (error: unknown) => {
      await throttle.giveBack(attempt);
      throw error;
    });
    if (stored?.hash == null || !matches) {
      await this.#recordRefusal(caller, attempt);
      throw new AppError('FORBIDDEN', 'The current password is wrong');
    }
    await throttle.giveBack(attempt);
    await this.#options.policy.assertAllowed(newPassword, stored.email);
    const hash = await hasher.hash(caller, newPassword);
    await this.#replace(caller, {
      ...stored,
      accountId: userId,
      hash,
      keptSessionId: sessionId,
      action: 'password.changed',
    });
  }

  /** Sends a link to an address, if it has an account: nobody learns whether. */
  async requestReset(input: unknown): Promise<void> {
    const { email } = parseInput(z.object({ email: emailSchema }), input);
    await this.#options.planMail('reset-password', email);
  }

  /**
   * Sets a new password by a link; all sessions end. The link is good for the password that it replaces, so it works once.
   *
   * @throws AppError `BAD_USER_INPUT` for a link that is forged, over or used
   */
  async reset(caller: AuditedCaller & HashingCaller, input: unknown): Promise<void> {
    const { token, newPassword } = parseInput(resetSchema, input);
    const { accountId, email, passwordChangedAt } = this.#options.tokens.read('reset-password', token);
    const stored = await this.#find(accountId);
    if (stored === undefined || stored.email !== email || stored.changedAt !== (passwordChangedAt ?? null))
      throw linkOver();
    await this.#options.policy.assertAllowed(newPassword, email);
    const hash = await this.#options.hasher.hash(caller, newPassword);
    await this.#replace(caller, { ...stored, accountId, hash, keptSessionId: undefined, action: 'password.reset' });
  }

  async #replace(caller: AuditedCaller, change: PasswordChange): Promise<void> {
    const { openScope, planMail, pubSub, throttle } = this.#options;
    const { accountId, email, action, keptSessionId } = change;
    const ended = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      if (action === 'password.changed') await requireRecentSecondFactor(query, caller.principal);
      const replaced = await replacePassword(query, change);
      // Somebody was faster, and the password that was proven, or the link's, is no longer the one.
      if (!replaced) throw linkOver();
      // Whoever can open the link has the address, and need not wait for what others guessed.
      if (action === 'password.reset') {
        await throttle.forgiveAccount(query, email, caller.client.address);
        await proveAddress(query, caller, accountId);
      }
      // What was begun with the password before is over too, also where it was known to somebody else.
      await query("delete from sign_in_challenge where user_id = $1 and 'pwd' = any(methods)", [accountId]);
      await query('delete from email_change where user_id = $1', [accountId]);
      await recordAudit(query, toAuditRecord(caller, { action, subjectId: accountId }));
      await planMail('password-changed', email, query);
      return endOthers(query, accountId, keptSessionId);
    });
    await announceEndedSessions(pubSub, ended);
  }

  async #recordRefusal(caller: AuditedCaller, attempt: SignInAttempt): Promise<void> {
    const record = toAuditRecord(caller, refusedProof('password.changed', attempt));
    await this.#options.openScope().write((entityManager) => recordAudit(sqlOf(entityManager), record));
  }

  async #find(accountId: string): Promise<StoredPassword | undefined> {
    const scope = this.#options.openScope();
    try {
      const [stored] = await scope.read((entityManager) =>
        sqlOf(entityManager)<StoredPassword>(
          `select account.email, password.hash, password.changed_at::text as "changedAt" from account
           left join password on password.account_id = account.id where account.id = $1`,
          [accountId],
        ),
      );
      return stored;
    } finally {
      scope.close();
    }
  }
}

interface StoredPassword {
  readonly email: string;
  /** Null for who has none: signed up with an identity provider, or lost it to who proved the address. */
  readonly hash: string | null;
  /** As the database writes it: a Date would lose the microseconds that tell two changes apart. */
  readonly changedAt: string | null;
}

interface PasswordChange extends StoredPassword {
  readonly hash: string;
  readonly accountId: string;
  readonly keptSessionId: string | undefined;
  readonly action: 'password.changed' | 'password.reset';
}

/** @returns whether the password was still the one, or still none, that the change is about */
async function replacePassword(query: RunSql, { accountId, hash, changedAt }: PasswordChange): Promise<boolean> {
  const rows =
    changedAt === null
      ? await query(
          `insert into password (account_id, hash, changed_at) values ($1, $2, clock_timestamp())
           on conflict (account_id) do nothing returning 1`,
          [accountId, hash],
        )
      : await query(
          `update password set hash = $2, changed_at = clock_timestamp()
           where account_id = $1 and changed_at = $3::timestamptz returning 1`,
          [accountId, hash, changedAt],
        );
  return rows.length > 0;
}

async function endOthers(query: RunSql, userId: string, keptSessionId: string | undefined): Promise<readonly string[]> {
  if (keptSessionId === undefined) return endSessions(query, { userId, sessionId: undefined });
  const rows = await query<{ readonly id: string }>(
    `update session set revoked_at = now()
     where (user_id = $1 or impersonator_id = $1) and id <> $2 and revoked_at is null returning id`,
    [userId, keptSessionId],
  );
  return rows.map(({ id }) => id);
}
