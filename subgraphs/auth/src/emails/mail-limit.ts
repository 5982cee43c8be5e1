import { createHash } from 'node:crypto';
import type { RunSql } from '@tessera/service/database';
import type { MailKind } from './mail-kinds.js';

/** What anybody can have sent to anybody's address. */
const limited: ReadonlySet<MailKind> = new Set([
  'verify-email',
  'reset-password',
  'address-taken',
  'change-email',
  'confirm-new-email',
]);
/** So many mails of one kind an address gets at once… */
const maxAtOnce = 5;
/** …and then one in so many seconds. */
const oneInSeconds = 30 * 60;

/** Counts a mail to an address. @returns whether it may leave */
export type CountMail = (kind: MailKind, email: string, query: RunSql) => Promise<boolean>;

/**
 * Keeps anybody's mailbox from being flooded through us, from however many places. Mails that are one too many are left out, and
 * who asked for them is answered as always: addresses without an account are counted alike. The counters are with those of failed
 * sign-ins, and are forgotten with them.
 */
export const countMail: CountMail = async (kind, email, query) => {
  if (!limited.has(kind)) return true;
  const counter = createHash('sha256')
    .update(JSON.stringify(['mail', kind, email]))
    .digest();
  const counted = await query(
    `insert into sign_in_failure as known (counter, free, failures, last_at) values ($1, $2, 1, clock_timestamp())
     on conflict (counter) do update set failures = ${left} + 1, last_at = excluded.last_at
       where ${left} + 1 <= excluded.free
     returning 1`,
    [counter, maxAtOnce],
  );
  return counted.length > 0;
};

const left = `greatest(0, known.failures - extract(epoch from excluded.last_at - known.last_at) / ${oneInSeconds})`;
