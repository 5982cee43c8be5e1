import { createHash } from 'node:crypto';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { UserPrincipal } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';

/** So many times what is free at one account by strangers is free from where its person came before… */
const freeFromKnownAddress = 2;
/** …and from one address, behind which a whole office may sit. */
const freeOfAddress = 6;
/** One failure is forgiven in so many seconds, so that nobody is slowed down for ever. */
const forgivenSeconds = 600;
/** The first wait is this part of the longest; each later one is twice as long. */
const firstShare = 16;
/** How long an address from which a person has signed in counts as theirs. */
const knownDays = 90;

export interface SignInThrottleOptions {
  readonly openScope: () => DataScope;
  /** Failures that are free at one account by strangers; 0 turns all delays off. */
  readonly freeFailures: number;
  /** The longest delay. */
  readonly maxDelaySeconds: number;
}

/** One attempt that may go on. It counts as failed until it is forgiven. */
export interface SignInAttempt {
  /** Its counters: the first ones are forgotten by success, the last, of an address that is shared, is only given back. */
  readonly own: readonly Buffer[];
  readonly shared: readonly Buffer[];
}

/**
 * Slows down who guesses passwords: each failure beyond the free ones doubles the time until the next attempt, per account
 * and per address. Who guesses cannot lock a person out: from an address where the person has signed in before, attempts are
 * counted apart. Addresses without an account are counted alike, so delays tell nobody what accounts there are.
 */
export class SignInThrottle {
  constructor(private readonly options: SignInThrottleOptions) {}

  /**
   * Counts an attempt before the password is looked at, so that attempts side by side are no way around.
   *
   * @throws AppError `RATE_LIMITED` while it is too early
   */
  async admit(email: string, address: string | undefined): Promise<SignInAttempt> {
    const { openScope, freeFailures } = this.options;
    if (freeFailures === 0) return { own: [], shared: [] };
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const isKnown = address !== undefined && (await isKnownAddress(query, email, address));
      const own = [isKnown ? counterOf('pair', email, address) : counterOf('account', email)];
      const shared = isKnown || address === undefined ? [] : [counterOf('address', address)];
      await this.#count(query, [
        ...own.map((counter) => ({ counter, free: isKnown ? freeFailures * freeFromKnownAddress : freeFailures })),
        ...shared.map((counter) => ({ counter, free: freeFailures * freeOfAddress })),
      ]);
      return { own, shared };
    });
  }

  /**
   * The same for a password that is shown within a session, so that nobody finds it out who has got hold of one. It is counted by
   * session: meanwhile its person signs in anywhere.
   *
   * @throws AppError `RATE_LIMITED` while it is too early
   */
  async admitProof({ sessionId, userId }: UserPrincipal): Promise<SignInAttempt> {
    const { openScope, freeFailures: free } = this.options;
    if (free === 0) return { own: [], shared: [] };
    const counter = counterOf('session', sessionId ?? userId);
    await openScope().write((entityManager) => this.#count(sqlOf(entityManager), [{ counter, free }]));
    return { own: [counter], shared: [] };
  }

  /** Takes back the count of an attempt that succeeded, in the transaction of its success. */
  async forgive(query: RunSql, { own, shared }: SignInAttempt): Promise<void> {
    if (own.length > 0) await query('delete from sign_in_failure where counter = any($1::bytea[])', [own]);
    await countDown(query, shared);
  }

  /** Takes back the count of an attempt whose password was never looked at. */
  async giveBack({ own, shared }: SignInAttempt): Promise<void> {
    const counters = [...own, ...shared];
    if (counters.length === 0) return;
    await this.options.openScope().write((entityManager) => countDown(sqlOf(entityManager), counters));
  }

  /** All counters take the attempt, or none does: the transaction ends with the error. */
  async #count(query: RunSql, counters: readonly { readonly counter: Buffer; readonly free: number }[]): Promise<void> {
    const { maxDelaySeconds } = this.options;
    const hashes = counters.map(({ counter }) => counter);
    const taken = await query(
      `insert into sign_in_failure as known (counter, free, failures, last_at)
       select counter, free, 1, clock_timestamp() from unnest($1::bytea[], $2::int[]) as asked (counter, free)
       order by counter
       on conflict (counter) do update set
         free = excluded.free,
         failures = ${decayed} + 1,
         last_at = excluded.last_at,
         blocked_until = case when ${decayed} + 1 > excluded.free then
           excluded.last_at + make_interval(secs =>
             least($3::float8, $3::float8 / ${firstShare} * power(2, least(30, ceil(${decayed} + 1 - excluded.free) - 1)))) end
       where known.blocked_until is null or known.blocked_until <= excluded.last_at
       returning 1`,
      [hashes, counters.map(({ free }) => free), maxDelaySeconds],
    );
    if (taken.length === counters.length) return;
    const [wait] = await query<{ readonly seconds: number }>(
      `select coalesce(ceil(extract(epoch from max(blocked_until) - clock_timestamp())), 1)::int as seconds
       from sign_in_failure where counter = any($1::bytea[])`,
      [hashes],
    );
    throw new AppError('RATE_LIMITED', 'Too many failed attempts: try again later', {
      retryAfterSeconds: Math.max(1, wait?.seconds ?? 1),
    });
  }
}

const decayed = `greatest(0, known.failures - extract(epoch from excluded.last_at - known.last_at) / ${forgivenSeconds})`;

async function countDown(query: RunSql, counters: readonly Buffer[]): Promise<void> {
  if (counters.length === 0) return;
  await query(
    `update sign_in_failure set failures = greatest(0, failures - 1),
       blocked_until = case when failures - 1 > free then blocked_until end
     where counter = any($1::bytea[])`,
    [counters],
  );
}

/** Neither addresses nor accounts are kept in the clear: the counters would list who was attacked from where. */
function counterOf(kind: 'pair' | 'account' | 'address' | 'session', ...parts: readonly string[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest();
}

async function isKnownAddress(query: RunSql, email: string, address: string): Promise<boolean> {
  const rows = await query(
    `select 1 from account join session on session.user_id = account.id
     where account.email = $1 and session.ip_address = $2 and session.impersonator_id is null
       and session.created_at > now() - make_interval(days => $3) limit 1`,
    [email, address, knownDays],
  );
  return rows.length > 0;
}
