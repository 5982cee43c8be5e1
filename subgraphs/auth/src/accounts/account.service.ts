import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { newId, sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import { appendToOutbox } from '@tessera/service/events';
import type { Logger } from '@tessera/service/logging';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { auditValues, insertAudit, recordAudit } from '../audit/record-audit.js';
import { askBeforeSignUp } from '../hooks/ask-before-sign-up.js';
import type { Hooks } from '../hooks/hooks.js';
import type { PasswordPolicy } from '../defence/password-policy.js';
import type { AdmittedSignIn, SignInThrottle } from '../defence/sign-in-throttle.js';
import { userSignedUp } from '../events/user-signed-up.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { findAccountPassword, type AccountPassword } from '../passwords/account-password.js';
import type { Decoys } from '../passwords/decoys.js';
import type { HashingCaller, PasswordHasher } from '../passwords/password-hasher.js';
import { newPasswordSchema, submittedPasswordSchema } from '../passwords/password-schema.js';
import { openSession } from '../sessions/open-session.js';
import {
  refusedSignIn,
  type Refusal,
  type SignedInPerson,
  type SignInAnswer,
  type SignInCompletion,
} from '../sign-in/sign-in-completion.js';
import { emailSchema } from './email.js';
import { localeSchema } from './locale.js';

const signUpSchema = z.object({
  email: emailSchema,
  password: newPasswordSchema,
  displayName: plainTextSchema(200),
  locale: localeSchema.nullish(),
});

const signInSchema = z.object({ email: emailSchema, password: submittedPasswordSchema });

export interface NewPerson {
  readonly userId: string;
  readonly displayName: string;
  /** Absent where the address must be proven first. */
  readonly signedIn: SignedInPerson | undefined;
}

export interface AccountServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly hasher: PasswordHasher;
  readonly decoys: Decoys;
  readonly passwordPolicy: PasswordPolicy;
  readonly throttle: SignInThrottle;
  readonly completion: SignInCompletion;
  readonly hooks: Hooks;
  readonly planMail: PlanAccountMail;
  /** Whether nobody gets in before their address is proven. */
  readonly mustVerify: boolean;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/** Becoming known to the platform, and proving it again. Nobody is signed in yet, so the service itself acts. */
export class AccountService {
  readonly #options: AccountServiceOptions;
  readonly #now: () => Date;

  constructor(options: AccountServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Makes an account. Where addresses must be proven first, one that has an account is answered like a new one, and its
   * owner is told by mail.
   *
   * @throws AppError `CONFLICT` where the address has an account and a new one would be signed in to at once, `FORBIDDEN`
   *   where a hook refuses it, `SUBGRAPH_UNAVAILABLE` where one that must answer does not
   */
  async signUp(caller: AuditedCaller & HashingCaller, input: unknown): Promise<NewPerson> {
    const { email, password, displayName, locale } = parseInput(signUpSchema, input);
    const { serviceScope, hasher, passwordPolicy, planMail, mustVerify, hooks } = this.#options;
    hasher.assertRoom(caller);
    await passwordPolicy.assertAllowed(password, email);
    const asked = { email, displayName, locale: locale ?? null, provider: null };
    await askBeforeSignUp({ hooks, openScope: serviceScope }, caller, asked);
    const accountId = newId();
    const hash = await hasher.hash(caller, password);
    const opened = await serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const [added] = await query(
        `insert into account (id, email, created_at, locale) values ($1, $2, $3, $4)
         on conflict (email) do nothing returning 1`,
        [accountId, email, this.#now().toISOString(), locale ?? null],
      );
      if (added === undefined) return this.#tellOwner(query, caller, email, accountId);
      await setFirstPassword(query, accountId, hash);
      await appendToOutbox(query, [
        userSignedUp({ userId: accountId, email, displayName, locale: locale ?? undefined }),
      ]);
      await hooks.plan(query, 'signUp', { userId: accountId, email, displayName, locale: locale ?? null });
      const record = toAuditRecord(caller, { action: 'account.created' });
      await recordAudit(query, { ...record, actorKind: 'user', actorId: accountId });
      const proven = { userId: accountId, email, isEmailVerified: false, methods: ['pwd'] } as const;
      if (!mustVerify) return openSession(query, proven, caller.client, this.#options.completion.limits);
      await planMail('verify-email', email, query);
      return undefined;
    });
    const signedIn = opened === undefined ? undefined : await this.#options.completion.welcome(opened);
    return { userId: accountId, displayName, signedIn };
  }

  /** Takes about as long as making an account: the statements are nearly the same. */
  async #tellOwner(query: RunSql, caller: AuditedCaller, email: string, accountId: string): Promise<undefined> {
    if (!this.#options.mustVerify) {
      throw new AppError('CONFLICT', 'E-mail address has an account already: sign in instead');
    }
    await setFirstPassword(query, accountId, undefined);
    await recordAudit(query, toAuditRecord(caller, { action: 'account.created', outcome: 'denied' }));
    await this.#options.planMail('address-taken', email, query);
  }

  /**
   * @throws AppError `UNAUTHENTICATED`, after the same work and in the same words, whatever was wrong. Where addresses must be proven
   *   first, one that is not counts as wrong too, and its owner gets another link: whoever signs up with an address, and in with what
   *   they have chosen, must not learn whether it had an account
   */
  async signIn(caller: AuditedCaller & HashingCaller, input: unknown): Promise<SignInAnswer> {
    const shown = parseInput(signInSchema, input);
    const { hasher, throttle } = this.#options;
    // Who is sent away because too many are before them costs the database nothing, and does not count as who guesses.
    hasher.assertRoom(caller);
    return this.#enter(caller, shown, await throttle.admit(shown.email, caller.client.address));
  }

  /** @param isAgain whether the hash that was stored before has matched, and was replaced before its row was held */
  async #enter(
    caller: AuditedCaller & HashingCaller,
    shown: z.infer<typeof signInSchema>,
    { attempt, stored }: AdmittedSignIn,
    isAgain = false,
  ): Promise<SignInAnswer> {
    const { email, password } = shown;
    const { serviceScope, hasher, decoys, throttle, planMail, mustVerify, completion, logger } = this.#options;
    const verdict = hasher.verify(caller, password, stored?.hash ?? decoys.of(email) ?? hasher.decoy);
    const { matches, isOutdated } = await verdict.catch(async (error: unknown) => {
      await throttle.giveBack(attempt);
      throw error;
    });
    if (stored === undefined || !matches) throw await this.#refuse(caller, stored?.userId, attempt);
    const { userId, isEmailVerified } = stored;
    if (mustVerify && !isEmailVerified) {
      // Not waited for: a wrong password is answered without it.
      void planMail('verify-email', email).catch((error: unknown) => {
        logger.error({ err: error }, 'no mail was planned to an address that is to be proven');
      });
      throw await this.#refuse(caller, userId, { ...attempt, reason: 'EMAIL_NOT_VERIFIED' });
    }
    const person = { userId, email, isEmailVerified, methods: ['pwd'] } as const;
    const alone = isOutdated ? undefined : await completion.proceedAlone(caller, person, { ...stored, attempt });
    if (alone !== undefined) return completion.answer(alone, caller);
    const upgraded = isOutdated ? await hasher.hash(caller, password) : stored.hash;
    const step = await serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      if (!(await holdPassword(query, stored, upgraded))) return undefined;
      const went = await completion.proceed(query, caller, person);
      // After the account's row was taken, as where all of this is one statement: nobody waits in the other order.
      await throttle.forgive(query, attempt);
      return went;
    });
    if (step !== undefined) return completion.answer(step, caller);
    if (isAgain) throw await this.#refuse(caller, userId, attempt);
    // By another password, or by a sign-in in the same moment that hashed this one anew: what is stored now tells.
    return this.#enter(caller, shown, { attempt, stored: await findAccountPassword(serviceScope(), email) }, true);
  }

  /** The work is the same for an address with an account and for one without. */
  async #refuse(caller: AuditedCaller, subjectId: string | undefined, refusal: Refusal): Promise<AppError> {
    const record = toAuditRecord(caller, refusedSignIn(subjectId, 'pwd', refusal));
    await this.#options.serviceScope().runAlone(insertAudit(1), auditValues(record));
    const message = this.#options.mustVerify
      ? 'E-mail address or password is wrong, or the address is not proven yet: then a link was sent to it'
      : 'E-mail address or password is wrong';
    return unauthenticated('WRONG_CREDENTIALS', message);
  }
}

/** @param hash undefined where the account is another's: then nothing is written, in as many statements */
async function setFirstPassword(query: RunSql, accountId: string, hash: string | undefined): Promise<void> {
  await query('insert into password (account_id, hash, changed_at) select $1, $2, now() where $2::text is not null', [
    accountId,
    hash ?? null,
  ]);
}

/**
 * Holds the password that was shown until the session is open, stronger hashed where it was outdated: who changes it comes before,
 * and it is shown in vain, or after, and ends the session.
 *
 * @returns whether it is still the one
 */
async function holdPassword(query: RunSql, { userId, hash }: AccountPassword, upgraded: string): Promise<boolean> {
  const rows = await query(
    upgraded === hash
      ? 'select 1 from password where account_id = $1 and hash = $2 for share'
      : 'update password set hash = $3 where account_id = $1 and hash = $2 returning 1',
    upgraded === hash ? [userId, hash] : [userId, hash, upgraded],
  );
  return rows.length > 0;
}
