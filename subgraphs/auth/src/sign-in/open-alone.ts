import type { AuditedCaller } from '@tessera/service/audit';
import type { DataScope } from '@tessera/service/tenancy';
import { auditValues, insertAudit } from '../audit/record-audit.js';
import { forgiveness, forgivenessOfOne, type SignInAttempt } from '../defence/sign-in-throttle.js';
import {
  prepareSession,
  type OpenedRow,
  type OpenedSession,
  type Proven,
  type SessionLimits,
} from '../sessions/open-session.js';
import { isKnownDevice, openingStatement, openingValueCount } from '../sessions/opening-statement.js';
import { openedRecord } from './opened-record.js';

const hashAt = openingValueCount + 1;
const attemptAt = hashAt + 1;

/**
 * Nothing is asked for any more, and there is nothing that a mail would tell.
 *
 * @param forgiven what is forgiven, as expressions of a `with`
 * @param auditAt the number of the first parameter of the line in the log
 */
const openKnown = (forgiven: readonly string[], auditAt: number): string =>
  openingStatement({
    // Held as the transaction holds it: who changes the password comes before, and it was shown in vain, or after, and ends the session.
    before: [`shown as (select from password where account_id = $2 and hash = $${hashAt} for share)`],
    condition: `exists (select from shown) and (first_signed_in_at is null or ${isKnownDevice})
    and not exists (select from totp_factor where user_id = $2 and confirmed_at is not null)`,
    more: [...forgiven, `audited as (${insertAudit(auditAt, 'held')})`],
  });

const isOpen = 'exists (select from held)';
/** From where the person came before: nearly always. */
const openFromKnown = openKnown([forgivenessOfOne(`$${attemptAt}`, isOpen)], attemptAt + 1);
const openFromShared = openKnown(forgiveness(`$${attemptAt}`, `$${attemptAt + 1}`, isOpen), attemptAt + 2);

/** How somebody has just shown a password. */
export interface ShownPassword {
  /** The stored one, as it was then. */
  readonly hash: string;
  /** Is forgiven with it. */
  readonly attempt: SignInAttempt;
}

/**
 * Opens the session of somebody who has shown their password and needs nothing else, on a device that is known, or for the first
 * time; with its line in the log, in one statement.
 *
 * @returns undefined where nothing was done, because something of that is not so
 */
export async function openAlone(
  scope: DataScope,
  proven: Proven,
  caller: AuditedCaller,
  { hash, attempt }: ShownPassword,
  limits: SessionLimits,
): Promise<OpenedSession | undefined> {
  const prepared = prepareSession(proven, caller.client, limits);
  const record = openedRecord(caller, proven, prepared.sessionId, false);
  const isShared = attempt.shared.length > 0;
  const counters = isShared ? [attempt.own, attempt.shared] : [attempt.own];
  const values = [...prepared.values, hash, ...counters, ...auditValues(record)];
  const [row] = await scope.runAlone<OpenedRow>(isShared ? openFromShared : openFromKnown, values);
  return row && prepared.opened(row);
}
