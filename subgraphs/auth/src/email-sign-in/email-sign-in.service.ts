import { randomBytes } from 'node:crypto';
import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { type AppError, parseInput } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { claimAccount } from '../accounts/claim-account.js';
import { emailSchema } from '../accounts/email.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { announceEndedSessions } from '../sessions/end-sessions.js';
import {
  refusedSignIn,
  type SignInAnswer,
  type SignInCompletion,
  type SignInStep,
} from '../sign-in/sign-in-completion.js';
import { challengeHashOf, type SignInSecrets } from './sign-in-secrets.js';

/** Seconds in which the code or link must come back. */
const lifetimeSeconds = 10 * 60;
const maxTries = 5;
/** Mails to one address within an hour and a day: with five tries each they are what a guesser has. */
const maxMailsPerHour = 5;
const maxMailsPerDay = 20;

const requestSchema = z.object({ email: emailSchema });
const codeSchema = z.object({ challengeId: z.string().max(64), code: z.string().max(32) });
const linkSchema = z.object({ token: z.string().max(128) });

export interface EmailSignInOptions {
  readonly openScope: () => DataScope;
  readonly secrets: SignInSecrets;
  readonly completion: SignInCompletion;
  readonly planMail: PlanAccountMail;
  readonly pubSub: PubSub;
}

export interface SignInCodeRequest {
  /** What the browser that asked holds; the code is good with it alone. */
  readonly challengeId: string;
  readonly expiresAt: Date;
}

interface Completed {
  readonly step: SignInStep;
  readonly endedSessionIds: readonly string[];
}

/** Signing in by a code or link that is mailed. It proves the address too. */
export class EmailSignInService {
  constructor(private readonly options: EmailSignInOptions) {}

  /** Plans a mail, if the address has an account: nobody learns whether, for all that is done here is the same. */
  async request(input: unknown): Promise<SignInCodeRequest> {
    const { email } = parseInput(requestSchema, input);
    const { openScope, planMail } = this.options;
    const challengeId = randomBytes(32).toString('base64url');
    const challengeHash = challengeHashOf(challengeId);
    return openScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      // Requests side by side would each count those before them alone.
      await query('select pg_advisory_xact_lock(hashtextextended($1, 4))', [`sign-in mails of ${email}`]);
      const [sent] = await query<{ readonly isMuch: boolean }>(
        `select count(*) filter (where created_at > now() - interval '1 hour') >= $2 or count(*) >= $3 as "isMuch"
         from email_sign_in where email = $1 and is_mailed and created_at > now() - interval '1 day'`,
        [email, maxMailsPerHour, maxMailsPerDay],
      );
      const isMailed = sent?.isMuch !== true;
      const rows = await query<{ readonly expiresAt: Date }>(
        `insert into email_sign_in (challenge_hash, email, is_mailed, expires_at)
         values ($1, $2, $3, now() + make_interval(secs => $4)) returning expires_at as "expiresAt"`,
        [challengeHash, email, isMailed, lifetimeSeconds],
      );
      if (isMailed) await planMail('sign-in', email, query, challengeHash?.toString('base64url'));
      return { challengeId, expiresAt: new Date(rows[0]?.expiresAt ?? 0) };
    });
  }

  /** @throws AppError `UNAUTHENTICATED`, in the same words whatever was wrong */
  async signInWithCode(caller: AuditedCaller, input: unknown): Promise<SignInAnswer> {
    const { challengeId, code } = parseInput(codeSchema, input);
    const challengeHash = challengeHashOf(challengeId);
    if (challengeHash === undefined) throw refused();
    return this.#finish(caller, async (query) => {
      const [tried] = await query<{ readonly email: string }>(
        `update email_sign_in set tries = tries + 1
         where challenge_hash = $1 and used_at is null and expires_at > now() and tries < $2 and is_mailed
         returning email`,
        [challengeHash, maxTries],
      );
      if (tried === undefined) return undefined;
      if (this.options.secrets.isCodeFor(challengeHash, code)) return this.#use(query, caller, challengeHash);
      const userId = await findUserId(query, tried.email);
      await recordAudit(query, toAuditRecord(caller, refusedSignIn(userId, 'email')));
      return undefined;
    });
  }

  /** @throws AppError `UNAUTHENTICATED`, in the same words whatever was wrong */
  async signInWithLink(caller: AuditedCaller, input: unknown): Promise<SignInAnswer> {
    const challengeHash = this.options.secrets.readLinkToken(parseInput(linkSchema, input).token);
    if (challengeHash === undefined) throw refused();
    return this.#finish(caller, (query) => this.#use(query, caller, challengeHash));
  }

  async #use(query: RunSql, caller: AuditedCaller, challengeHash: Buffer): Promise<Completed | undefined> {
    const { completion, planMail } = this.options;
    const [used] = await query<{ readonly email: string }>(
      `update email_sign_in set used_at = now()
       where challenge_hash = $1 and used_at is null and expires_at > now() and is_mailed returning email`,
      [challengeHash],
    );
    const userId = used && (await findUserId(query, used.email));
    if (used === undefined || userId === undefined) return undefined;
    const { email } = used;
    const endedSessionIds = await claimAccount(query, caller, { userId, email }, planMail);
    const proven = { userId, email, isEmailVerified: true, methods: ['email'] } as const;
    return { step: await completion.proceed(query, caller, proven), endedSessionIds };
  }

  /** A refusal must not throw inside the transaction, for that would undo the counting of tries. */
  async #finish(caller: AuditedCaller, work: (query: RunSql) => Promise<Completed | undefined>): Promise<SignInAnswer> {
    const { openScope, completion, pubSub } = this.options;
    const completed = await openScope().write((entityManager) => work(sqlOf(entityManager)));
    if (completed === undefined) throw refused();
    await announceEndedSessions(pubSub, completed.endedSessionIds);
    return completion.answer(completed.step, caller);
  }
}

async function findUserId(query: RunSql, email: string): Promise<string | undefined> {
  const [account] = await query<{ readonly id: string }>('select id from account where email = $1', [email]);
  return account?.id;
}

function refused(): AppError {
  return unauthenticated('WRONG_CREDENTIALS', 'The code or link is wrong, or not valid any more: ask for another one');
}
