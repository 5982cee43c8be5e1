import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { type UserPrincipal, requireOneself } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.js';
import type { SignInAttempt, SignInThrottle } from '../defence/sign-in-throttle.js';
import type { HashingCaller, PasswordHasher } from '../passwords/password-hasher.js';
import { assertionSchema, usePasskey, type Assertion, type PasskeyAssertions } from '../passkeys/passkey-assertions.js';
import { submittedPasswordSchema } from '../passwords/password-schema.js';
import { hasSecondFactor } from '../second-factor/has-second-factor.js';
import { codeRefused, type CodeVerdict, type SecondFactorCheck } from '../second-factor/second-factor-check.js';
import type { AuthenticationMethod } from '../sign-in/authentication-method.js';
import { markAuthenticated } from './recent-authentication.js';
import { refusedProof } from './refused-proof.js';

const inputSchema = z.object({
  password: submittedPasswordSchema.nullish(),
  code: z.string().max(64).nullish(),
  passkey: assertionSchema.nullish(),
});

const denied = { outcome: 'denied' } as const;

export interface StepUpServiceOptions {
  readonly openScope: () => DataScope;
  readonly hasher: PasswordHasher;
  readonly throttle: SignInThrottle;
  readonly secondFactor: SecondFactorCheck;
  readonly assertions: PasskeyAssertions;
}

/** Proving again, within a session, who one is. */
export class StepUpService {
  constructor(private readonly options: StepUpServiceOptions) {}

  /**
   * Takes a passkey, or else all that the person has: the password, and a code where there is a second factor.
   *
   * @throws AppError `FORBIDDEN` for what is wrong or missing, `RATE_LIMITED` after many wrong passwords or codes,
   *   `PRECONDITION_FAILED` for who has neither and signs in again instead
   */
  async reauthenticate(caller: AuditedCaller & HashingCaller, input: unknown): Promise<void> {
    const user = requireOneself(caller.principal);
    const { password, code, passkey } = parseInput(inputSchema, input);
    if (passkey != null) return this.#showPasskey(caller, user, passkey);
    const { openScope, throttle } = this.options;
    const shownPassword = await this.#checkPassword(caller, user, password ?? undefined);
    const methods: readonly AuthenticationMethod[] = shownPassword === undefined ? [] : ['pwd'];
    const verdict = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      if (shownPassword !== undefined) await throttle.forgive(query, shownPassword);
      const checked = await this.#checkCode(query, user, code ?? '');
      if (checked !== undefined && checked.kind !== 'right') {
        await recordAudit(query, toAuditRecord(caller, { action: 'session.reauthenticated', outcome: 'denied' }));
        return checked;
      }
      const shown = [...methods, ...(checked?.methods ?? [])];
      if (shown.length === 0) {
        throw new AppError('PRECONDITION_FAILED', 'There is nothing to check: sign in again instead');
      }
      await markAuthenticated(query, user, shown);
      await recordAudit(
        query,
        toAuditRecord(caller, { action: 'session.reauthenticated', details: { methods: shown } }),
      );
      return checked;
    });
    if (verdict !== undefined && verdict.kind !== 'right') throw codeRefused(verdict, 'FORBIDDEN');
  }

  /** A passkey is two factors: whoever shows it has shown all. */
  async #showPasskey(caller: AuditedCaller, user: UserPrincipal, assertion: Assertion): Promise<void> {
    const { assertions, openScope } = this.options;
    const { passkey, counter } = await assertions.check(assertion);
    const isShown = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const isOwn = passkey?.userId === user.userId;
      const isGood = isOwn && counter !== undefined && (await usePasskey(query, passkey, counter));
      const methods = ['hwk', 'mfa'];
      if (isGood) await markAuthenticated(query, user, methods);
      const note = { action: 'session.reauthenticated', ...(isGood ? { details: { methods } } : denied) };
      await recordAudit(query, toAuditRecord(caller, note));
      return isGood;
    });
    if (!isShown) throw new AppError('FORBIDDEN', 'The passkey was not accepted: begin again');
  }

  /** @returns undefined for who has no password */
  async #checkPassword(
    caller: AuditedCaller & HashingCaller,
    user: UserPrincipal,
    password?: string,
  ): Promise<SignInAttempt | undefined> {
    const { hasher, openScope, throttle } = this.options;
    const [stored] = await openScope().runAlone<{ readonly hash: string }>(
      'select hash from password where account_id = $1',
      [user.userId],
    );
    if (stored === undefined) return undefined;
    const attempt = await throttle.admitProof(user);
    const { matches } = await hasher.verify(caller, password ?? '', stored.hash).catch(async (error: unknown) => {
      await throttle.giveBack(attempt);
      throw error;
    });
    if (matches) return attempt;
    const record = toAuditRecord(caller, refusedProof('session.reauthenticated', attempt));
    await openScope().write((entityManager) => recordAudit(sqlOf(entityManager), record));
    throw new AppError('FORBIDDEN', 'The password is wrong');
  }

  /** @returns undefined for who has no second factor */
  async #checkCode(query: RunSql, { userId }: UserPrincipal, code: string): Promise<CodeVerdict | undefined> {
    if (!(await hasSecondFactor(query, userId))) return undefined;
    return this.options.secondFactor.check(query, userId, code);
  }
}
