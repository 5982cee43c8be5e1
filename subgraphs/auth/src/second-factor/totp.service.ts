import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { type Revocation, type UserPrincipal, requireOneself, requireUser } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { findProvenAddress } from '../accounts/proven-address.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import type { Seal } from '../keys/seal.js';
import { announceRenewedSessions } from '../sessions/end-sessions.js';
import { markAuthenticated, requireRecentAuthentication } from '../step-up/recent-authentication.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { totpPurpose } from './second-factor-check.js';
import { createTotpSecret, isTotpCode, totpStep, totpUri } from './totp.js';

const confirmSchema = z.object({
  code: z
    .string()
    .max(64)
    .transform((typed) => typed.replaceAll(/\s/g, '')),
});

export interface TotpServiceOptions {
  readonly openScope: () => DataScope;
  readonly seal: Seal;
  readonly recoveryCodes: RecoveryCodes;
  readonly planMail: PlanAccountMail;
  readonly pubSub: PubSub;
  /** The platform's name in authenticator apps. */
  readonly issuer: string;
  readonly now?: () => Date;
}

export interface TotpEnrollment {
  readonly secret: string;
  readonly uri: string;
}

export interface MfaStatus {
  readonly isTotpEnabled: boolean;
  readonly recoveryCodesLeft: number;
}

/** Turning an authenticator app on and off. */
export class TotpService {
  readonly #options: TotpServiceOptions;
  readonly #now: () => Date;

  constructor(options: TotpServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** What the caller has turned on. */
  async status({ principal, scope }: Caller): Promise<MfaStatus> {
    const { userId } = requireUser(principal);
    const [status] = await scope.read((entityManager) =>
      sqlOf(entityManager)<MfaStatus>(
        `select exists (select 1 from totp_factor where user_id = $1 and confirmed_at is not null) as "isTotpEnabled",
                (select count(*)::int from recovery_code where user_id = $1 and used_at is null) as "recoveryCodesLeft"`,
        [userId],
      ),
    );
    return status ?? { isTotpEnabled: false, recoveryCodesLeft: 0 };
  }

  /** Makes a secret for an app; nothing is asked for until a code of it has come. @throws AppError `CONFLICT` where one is on */
  async enroll(caller: AuditedCaller): Promise<TotpEnrollment> {
    const { openScope, seal, issuer } = this.#options;
    const { userId } = requireOneself(caller.principal);
    const secret = createTotpSecret();
    const email = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, caller.principal);
      const address = await findProvenAddress(query, userId);
      const [stored] = await query(
        `insert into totp_factor (user_id, sealed_secret) values ($1, $2)
         on conflict (user_id) do update set sealed_secret = excluded.sealed_secret, created_at = now()
           where totp_factor.confirmed_at is null
         returning 1`,
        [userId, seal.close(secret, totpPurpose(userId))],
      );
      if (stored === undefined) throw new AppError('CONFLICT', 'An authenticator app is on already: turn it off first');
      return address;
    });
    return { secret, uri: totpUri(secret, issuer, email) };
  }

  /** Takes the first code of an app: from now on it is asked for. @returns recovery codes, this one time */
  async confirm(caller: AuditedCaller, input: unknown): Promise<readonly string[]> {
    const { code } = parseInput(confirmSchema, input);
    return this.#change(caller, 'totp.enabled', async (query, user) => {
      const step = await this.#stepOfNew(query, user, code);
      if (step === undefined)
        throw new AppError('BAD_USER_INPUT', 'The code is wrong: is the clock of the device right?');
      await query('update totp_factor set confirmed_at = now(), last_used_step = $2 where user_id = $1', [
        user.userId,
        step,
      ]);
      await markAuthenticated(query, user, ['otp', 'mfa']);
      return this.#options.recoveryCodes.replace(query, user.userId);
    });
  }

  /** Turns the app off, and forgets recovery codes. Sessions are those of somebody with one factor from now on. */
  async disable(caller: AuditedCaller): Promise<void> {
    await this.#change(caller, 'totp.disabled', async (query, { userId }) => {
      const [removed] = await query('delete from totp_factor where user_id = $1 returning 1', [userId]);
      if (removed === undefined) throw new AppError('PRECONDITION_FAILED', 'No authenticator app is on');
      await query('delete from recovery_code where user_id = $1', [userId]);
      // Announced before the commit: where announcing fails, the app stays on.
      await announceRenewedSessions(this.#options.pubSub, await forgetSecondFactor(query, userId));
    });
  }

  /** Makes new recovery codes in place of all that were. */
  async regenerate(caller: AuditedCaller): Promise<readonly string[]> {
    return this.#change(caller, 'recoveryCodes.replaced', async (query, { userId }) => {
      const [factor] = await query(
        'select 1 from totp_factor where user_id = $1 and confirmed_at is not null for update',
        [userId],
      );
      if (factor === undefined) throw new AppError('PRECONDITION_FAILED', 'No authenticator app is on');
      return this.#options.recoveryCodes.replace(query, userId);
    });
  }

  /** What all changes have in common: a recent proof before, a line in the audit log and a mail after. */
  async #change<T>(
    caller: AuditedCaller,
    action: keyof typeof notices,
    work: (query: RunSql, user: UserPrincipal) => Promise<T>,
  ): Promise<T> {
    const { openScope, planMail } = this.#options;
    const user = requireOneself(caller.principal);
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await requireRecentAuthentication(query, user);
      const email = await findProvenAddress(query, user.userId);
      const result = await work(query, user);
      await recordAudit(query, toAuditRecord(caller, { action }));
      await planMail(notices[action], email, query);
      return result;
    });
  }

  async #stepOfNew(query: RunSql, { userId }: UserPrincipal, code: string): Promise<number | undefined> {
    const [factor] = await query<{ readonly sealedSecret: string }>(
      `select sealed_secret as "sealedSecret" from totp_factor where user_id = $1 and confirmed_at is null for update`,
      [userId],
    );
    if (factor === undefined)
      throw new AppError('PRECONDITION_FAILED', 'No authenticator app waits for its first code');
    if (!isTotpCode(code)) return undefined;
    return totpStep(this.#options.seal.open(factor.sealedSecret, totpPurpose(userId)), code, this.#now().getTime());
  }
}

/** Tokens say what was shown, so those that are about are refused. A passkey was two factors, whatever becomes of the app. */
async function forgetSecondFactor(query: RunSql, userId: string): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `update session set showed_mfa = false, rights_version = rights_version + 1, rights_changed_at = now()
     where user_id = $1 and showed_mfa and sign_in_way is distinct from 'passkey' and revoked_at is null
     returning id as "sessionId", rights_version as "rightsVersion"`,
    [userId],
  );
  return [...rows];
}

const notices = {
  'totp.enabled': 'totp-enabled',
  'totp.disabled': 'totp-disabled',
  'recoveryCodes.replaced': 'recovery-codes-replaced',
} as const;
