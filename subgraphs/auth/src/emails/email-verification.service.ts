import type { AuditedCaller } from '@tessera/service/audit';
import { sqlOf } from '@tessera/service/database';
import { isSelf, requireOneself } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { claimAccount, lockPassword } from '../accounts/claim-account.js';
import { proveAddress } from '../accounts/prove-address.js';
import type { PlatformAdministrators } from '../accounts/platform-administrators.js';
import { announceEndedSessions } from '../sessions/end-sessions.js';
import type { PlanAccountMail } from './account-mails.js';
import { linkOver, type MailTokens } from './mail-token.js';

export interface EmailVerificationOptions {
  readonly openScope: () => DataScope;
  readonly tokens: MailTokens;
  readonly planMail: PlanAccountMail;
  readonly pubSub: PubSub;
  readonly administrators: Pick<PlatformAdministrators, 'isListed'>;
}

/** Proving that an address is one's own. */
export class EmailVerificationService {
  readonly #options: EmailVerificationOptions;

  constructor(options: EmailVerificationOptions) {
    this.#options = options;
  }

  /** Sends a link to the caller's own address. */
  async requestOwn({ principal, scope }: Caller): Promise<void> {
    const { userId } = requireOneself(principal);
    const [account] = await scope.read((entityManager) =>
      sqlOf(entityManager)<{ readonly email: string }>('select email from account where id = $1', [userId]),
    );
    if (account !== undefined) await this.#options.planMail('verify-email', account.email);
  }

  /** Sends a link to an address, if it has an account: nobody learns whether. */
  async request(email: string): Promise<void> {
    await this.#options.planMail('verify-email', email);
  }

  /**
   * Takes the proof. Repeating it changes nothing. Who may have signed up with it: of an address that makes an administrator of the
   * platform the proof counts in a session of the account; elsewhere it makes the account that of whoever has the address, as a mailed
   * sign-in does.
   *
   * @throws AppError `BAD_USER_INPUT` for a link that is forged or over, or of an address that the account has no longer
   */
  async verify(caller: AuditedCaller, token: string): Promise<void> {
    const { tokens, openScope, administrators, planMail, pubSub } = this.#options;
    const { accountId, email } = tokens.read('verify-email', token);
    const isClaim = administrators.isListed(email) && !isSelf(caller.principal, accountId);
    const ended = await openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      if (isClaim) await lockPassword(query, accountId);
      const [account] = await query<{ readonly isVerified: boolean }>(
        'select email_verified_at is not null as "isVerified" from account where id = $1 and email = $2 for update',
        [accountId, email],
      );
      if (account === undefined) throw linkOver();
      if (account.isVerified) return [];
      if (isClaim) return claimAccount(query, caller, { userId: accountId, email }, planMail);
      await proveAddress(query, caller, accountId);
      return [];
    });
    await announceEndedSessions(pubSub, ended);
  }
}
