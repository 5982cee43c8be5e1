import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import type { IsBreached } from './breached-passwords.js';
import { isCommonPassword } from './common-passwords.js';

export interface PasswordPolicyOptions {
  readonly logger: Logger;
  /** Absent where no service is asked. */
  readonly isBreached: IsBreached | undefined;
  /** Whether a password is refused that nobody could tell anything of. */
  readonly mustKnow: boolean;
}

/** What may become a password, beyond its length (NIST SP 800-63B, 5.1.1.2: compare with what is known to be guessed). */
export class PasswordPolicy {
  constructor(private readonly options: PasswordPolicyOptions) {}

  /**
   * @throws AppError `BAD_USER_INPUT` with `details.reason` `COMMON_PASSWORD` or `BREACHED_PASSWORD`, and
   *   `SUBGRAPH_UNAVAILABLE` where the service that should know does not answer and has to
   */
  async assertAllowed(password: string, email: string): Promise<void> {
    const [name = ''] = email.toLowerCase().split('@');
    const isOwnName = password.toLowerCase() === name || password.toLowerCase() === email.toLowerCase();
    if (isOwnName || isCommonPassword(password))
      throw refusal('COMMON_PASSWORD', 'is one of the first that are guessed');
    if (await this.#isBreached(password)) throw refusal('BREACHED_PASSWORD', 'is known from a breach');
  }

  async #isBreached(password: string): Promise<boolean> {
    const { isBreached, mustKnow, logger } = this.options;
    if (isBreached === undefined) return false;
    try {
      return await isBreached(password);
    } catch (cause) {
      logger.warn({ err: cause }, 'whether a password is breached cannot be told');
      if (!mustKnow) return false;
      throw new AppError('SUBGRAPH_UNAVAILABLE', 'The password cannot be checked at present', { cause });
    }
  }
}

function refusal(reason: string, why: string): AppError {
  return new AppError('BAD_USER_INPUT', `The password ${why}: choose another one`, { details: { reason } });
}
