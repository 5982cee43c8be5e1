import type { RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { Seal } from '../keys/seal.js';
import type { AuthenticationMethod } from '../sign-in/authentication-method.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { isTotpCode, totpStep } from './totp.js';

/** So many wrong codes in a row, whichever challenge they came with, and no code is looked at for a while. */
const maxFailures = 10;
const pauseSeconds = 15 * 60;

export type CodeVerdict =
  | { readonly kind: 'right'; readonly methods: readonly AuthenticationMethod[] }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'paused' };

interface StoredFactor {
  readonly sealedSecret: string;
  readonly lastUsedStep: string;
  readonly isPaused: boolean;
}

export const totpPurpose = (userId: string): string => `totp ${userId}`;

/** Checks codes of authenticator apps, and recovery codes in their place. */
export class SecondFactorCheck {
  constructor(
    private readonly seal: Seal,
    private readonly recoveryCodes: RecoveryCodes,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Checks a code and uses it up. Wrong ones are counted, so the caller's transaction must commit whatever the verdict.
   * Tries of one person wait for each other here.
   */
  async check(query: RunSql, userId: string, typed: string): Promise<CodeVerdict> {
    const [factor] = await query<StoredFactor>(
      `select sealed_secret as "sealedSecret", last_used_step as "lastUsedStep",
              failures >= $2 and failed_at > now() - make_interval(secs => $3) as "isPaused"
       from totp_factor where user_id = $1 and confirmed_at is not null for update`,
      [userId, maxFailures, pauseSeconds],
    );
    if (factor === undefined) return { kind: 'wrong' };
    if (factor.isPaused) return { kind: 'paused' };
    const code = typed.replaceAll(/\s/g, '');
    const verdict = isTotpCode(code)
      ? await this.#checkTotp(query, userId, factor, code)
      : await this.#checkRecoveryCode(query, userId, code);
    await query(
      verdict.kind === 'right'
        ? 'update totp_factor set failures = 0, failed_at = null where user_id = $1'
        : `update totp_factor set failed_at = now(),
             failures = case when failed_at > now() - make_interval(secs => $2) then failures + 1 else 1 end
           where user_id = $1`,
      verdict.kind === 'right' ? [userId] : [userId, pauseSeconds],
    );
    return verdict;
  }

  async #checkTotp(query: RunSql, userId: string, factor: StoredFactor, code: string): Promise<CodeVerdict> {
    const step = totpStep(this.seal.open(factor.sealedSecret, totpPurpose(userId)), code, this.now().getTime());
    // A code is good once (RFC 6238, 5.2): whoever looked over a shoulder comes too late.
    if (step === undefined || step <= Number(factor.lastUsedStep)) return { kind: 'wrong' };
    await query('update totp_factor set last_used_step = $2 where user_id = $1', [userId, step]);
    return { kind: 'right', methods: ['otp', 'mfa'] };
  }

  async #checkRecoveryCode(query: RunSql, userId: string, code: string): Promise<CodeVerdict> {
    const isGood = await this.recoveryCodes.use(query, userId, code);
    return isGood ? { kind: 'right', methods: ['kba', 'mfa'] } : { kind: 'wrong' };
  }
}

/** What to throw, after the commit, for a code that was not accepted. */
export function codeRefused({ kind }: CodeVerdict, code: 'UNAUTHENTICATED' | 'FORBIDDEN'): AppError {
  return kind === 'paused'
    ? new AppError('RATE_LIMITED', 'Too many wrong codes: wait a while', { retryAfterSeconds: pauseSeconds })
    : new AppError(code, 'The code is wrong or was used already', { details: { reason: 'WRONG_CREDENTIALS' } });
}
