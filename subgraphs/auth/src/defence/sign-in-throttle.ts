import { createHash } from 'node:crypto';
import type { RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { UserPrincipal } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { findAccountPassword, type AccountPassword } from '../passwords/account-password.js';

/** So many times what is free at one account is free from one address, behind which a whole office may sit. */
const freeOfAddress = 6;
/** One failure is forgiven in so many seconds, so that nobody is slowed down for ever. */
const forgivenSeconds = 600;
/** The first wait is this part of the longest; each later one is twice as long. */
const firstShare = 16;
/** How long an address from which a person has signed in counts as theirs. */
const knownDays = 90;

export interface SignInThrottleOptions {
  readonly openScope: () => DataScope;
  /** Failures that are free at one account; 0 turns all delays off. */
  readonly freeFailures: number;
  /** The longest delay. */
  readonly maxDelaySeconds: number;
}

/** One attempt that may go on. It counts as failed until it is forgiven. */
export interface SignInAttempt {
  /** Its counters: the first ones are forgotten by success, the last, of an address that is shared, is only given back. */
  readonly own: readonly Buffer[];
  readonly shared: readonly Buffer[];
  /** How long the next one has to wait where this one fails; absent where it need not. */
  readonly waitSeconds?: number | undefined;
}

/** An attempt to sign in that may go on. */
export interface AdmittedSignIn {
  readonly attempt: SignInAttempt;
  /** What to compare with; undefined where nothing is stored. */
  readonly stored: AccountPassword | undefined;
}

/**
 * Slows down who guesses passwords: each failure beyond the free ones doubles the time until the next attempt, per account
 * and per address. Who guesses cannot lock a person out: from an address where the person has signed in before, attempts are
 * counted apart, and as many are free there: who shares it learns nothing by counting. Addresses without an account are counted
 * alike, so delays tell nobody what accounts there are.
 */
export class SignInThrottle {
  constructor(private readonly options: SignInThrottleOptions) {}

  /**
   * Counts an attempt before the password is looked at, so that attempts side by side are no way around. What it will be compared
   * with is read in the same round trip.
   *
   * @throws AppError `RATE_LIMITED` while it is too early
   */
  async admit(email: string, address: string | undefined): Promise<AdmittedSignIn> {
    const { freeFailures, openScope } = this.options;
    if (freeFailures === 0) {
      return { attempt: { own: [], shared: [] }, stored: await findAccountPassword(openScope(), email) };
    }
    const pair = counterOf('pair', email, address ?? '');
    const account = counterOf('account', email);
    const shared = address === undefined ? [] : [counterOf('address', address)];
    const candidates = [
      { counter: pair, free: freeFailures, isForKnown: true },
      { counter: account, free: freeFailures, isForKnown: false },
      ...shared.map((counter) => ({ counter, free: freeFailures * freeOfAddress, isForKnown: false })),
    ];
    const admission = await this.#count(candidates, email, address);
    const counters = admission.isKnown ? { own: [pair], shared: [] } : { own: [account], shared };
    return {
      attempt: { ...counters, waitSeconds: admission.waitSeconds ?? undefined },
      stored: admission.hash === null ? undefined : admission,
    };
  }

  /**
   * The same for a password that is shown within a session, so that nobody finds it out who has got hold of one. It is counted by
   * session: meanwhile its person signs in anywhere.
   *
   * @throws AppError `RATE_LIMITED` while it is too early
   */
  async admitProof({ sessionId, userId }: UserPrincipal): Promise<SignInAttempt> {
    const { freeFailures: free } = this.options;
    if (free === 0) return { own: [], shared: [] };
    const counter = counterOf('session', sessionId ?? userId);
    const { waitSeconds } = await this.#count([{ counter, free, isForKnown: false }]);
    return { own: [counter], shared: [], waitSeconds: waitSeconds ?? undefined };
  }

  /** Takes back the count of an attempt that succeeded, in the transaction of its success. */
  async forgive(query: RunSql, { own, shared }: SignInAttempt): Promise<void> {
    if (own.length + shared.length === 0) return;
    await query(`with ${forgiveness('$1', '$2').join(', ')} select`, [own, shared]);
  }

  /** Forgets the failures at an account, by strangers and from one address, in the transaction of who has replaced the password. */
  async forgiveAccount(query: RunSql, email: string, address: string | undefined): Promise<void> {
    await this.forgive(query, {
      own: [counterOf('account', email), counterOf('pair', email, address ?? '')],
      shared: [],
    });
  }

  /** Takes back the count of an attempt whose password was never looked at. */
  async giveBack({ own, shared }: SignInAttempt): Promise<void> {
    if (own.length + shared.length === 0) return;
    const statement = `with ${forgiveness('$1', '$2').join(', ')} select`;
    await this.options.openScope().runAlone(statement, [[], [...own, ...shared]]);
  }

  async #count(candidates: readonly Candidate[], email?: string, address?: string): Promise<Admission> {
    const { openScope, maxDelaySeconds } = this.options;
    const [admission] = await openScope().runAlone<Admission>(countAttempt, [
      email ?? null,
      address ?? null,
      knownDays,
      candidates.map(({ counter }) => counter),
      candidates.map(({ free }) => free),
      candidates.map(({ isForKnown }) => isForKnown),
      maxDelaySeconds,
    ]);
    if (admission?.isTaken === true) return admission;
    throw new AppError('RATE_LIMITED', 'Too many failed attempts: try again later', {
      retryAfterSeconds: Math.max(1, admission?.waitSeconds ?? 1),
    });
  }
}

interface Candidate {
  readonly counter: Buffer;
  readonly free: number;
  /** Whether it counts who comes from where the person came before, or else everybody else. */
  readonly isForKnown: boolean;
}

/** Of who shows a password within a session, nothing is read beside it. */
type Admission = CountedAttempt & (AccountPassword | { readonly hash: null });

interface CountedAttempt {
  /** Whether the address is one from which the person has signed in. */
  readonly isKnown: boolean;
  readonly isTaken: boolean;
  /** How long who asks has to wait or, where the attempt is taken, the next one after it; null where nobody has to. */
  readonly waitSeconds: number | null;
}

const decayed = `greatest(0, known.failures - extract(epoch from excluded.last_at - known.last_at) / ${forgivenSeconds})`;

/**
 * Counts an attempt at the counters that are for who asks. All take it or none does, save that of attempts side by side one may be
 * counted where another counter refuses it. It reads the password too: one round trip less before the hash.
 */
const countAttempt = `
  with person as (
    select account.id as "userId", password.hash, account.email_verified_at is not null as "isEmailVerified", exists (
      select from session where session.user_id = account.id and session.ip_address = $2 and session.impersonator_id is null
        and session.created_at > now() - make_interval(days => $3::int)
    ) as is_known
    from (select) as somebody left join account on account.email = $1 left join password on password.account_id = account.id
  ), asked as (
    select counter, free from person join unnest($4::bytea[], $5::int[], $6::bool[]) as candidate (counter, free, is_known)
      using (is_known)
  ), refusal as (
    select max(blocked_until) as until from sign_in_failure where counter in (select counter from asked)
      and blocked_until > clock_timestamp()
  ), taken as (
    insert into sign_in_failure as known (counter, free, failures, last_at)
    select counter, free, 1, clock_timestamp() from asked where (select until from refusal) is null
    order by counter
    on conflict (counter) do update set
      free = excluded.free,
      failures = ${decayed} + 1,
      last_at = excluded.last_at,
      blocked_until = case when ${decayed} + 1 > excluded.free then
        excluded.last_at + make_interval(secs =>
          least($7::float8, $7::float8 / ${firstShare} * power(2, least(30, ceil(${decayed} + 1 - excluded.free) - 1)))) end
    where known.blocked_until is null or known.blocked_until <= excluded.last_at
    returning ceil(extract(epoch from blocked_until - last_at))::int as wait
  )
  select is_known as "isKnown", (select count(*) from taken) = (select count(*) from asked) as "isTaken",
    coalesce(ceil(extract(epoch from (select until from refusal) - clock_timestamp()))::int, (select max(wait) from taken))
      as "waitSeconds",
    "userId", hash, "isEmailVerified"
  from person`;

/**
 * SQL that forgets an attempt's own counters, and counts down the shared ones, as expressions of a `with`. Both are locked first, in
 * the order in which attempts take them: of two nobody waits for the other.
 *
 * @param condition what must be true for it
 */
export function forgiveness(own: string, shared: string, condition = 'true'): readonly string[] {
  return [
    `attempt as (
      select counter from sign_in_failure where counter = any(${own}::bytea[] || ${shared}::bytea[]) and ${condition}
      order by counter for update
    )`,
    `forgotten as (
      delete from sign_in_failure where counter in (select counter from attempt) and counter = any(${own}::bytea[])
    )`,
    `given_back as (
      update sign_in_failure set failures = greatest(0, failures - 1),
        blocked_until = case when failures - 1 > free then blocked_until end
      where counter in (select counter from attempt) and counter = any(${shared}::bytea[])
    )`,
  ];
}

/** The same of an attempt that shares no counter: it has one at most, so nobody waits in another order. */
export function forgivenessOfOne(own: string, condition: string): string {
  return `forgotten as (delete from sign_in_failure where counter = any(${own}::bytea[]) and ${condition})`;
}

/** Neither addresses nor accounts are kept in the clear: the counters would list who was attacked from where. */
function counterOf(kind: 'pair' | 'account' | 'address' | 'session', ...parts: readonly string[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest();
}
