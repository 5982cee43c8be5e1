import { toAuditRecord, type AuditedCaller, type AuditNote } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import type { JsonObject } from '@tessera/service/json';
import type { DataScope } from '@tessera/service/tenancy';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { accountDeactivated } from '../deactivation/account-status.js';
import type { Hooks } from '../hooks/hooks.js';
import { hasSecondFactor } from '../second-factor/has-second-factor.js';
import { openSession, type OpenedSession, type Proven, type SessionLimits } from '../sessions/open-session.js';
import type { IssuedTokens, SessionState, TokenIssuer } from '../tokens/token-issuer.js';
import { openAlone, type ShownPassword } from './open-alone.js';
import { openedRecord } from './opened-record.js';
import { createChallenge, type SignInChallenge } from './sign-in-challenge.js';

export interface SignedInPerson {
  readonly state: SessionState;
  readonly tokens: IssuedTokens;
}

/** How a sign-in went on inside its transaction. */
export type SignInStep =
  | { readonly kind: 'opened'; readonly opened: OpenedSession }
  | { readonly kind: 'challenged'; readonly challenge: SignInChallenge }
  /** The account is deactivated. */
  | { readonly kind: 'lockedOut' };

/** How a sign-in went on, as its caller is told. */
export type SignInAnswer =
  | { readonly kind: 'signedIn'; readonly person: SignedInPerson }
  | { readonly kind: 'mfaRequired'; readonly challenge: SignInChallenge };

export interface SignInCompletionOptions {
  readonly tokenIssuer: TokenIssuer;
  readonly limits: SessionLimits;
  readonly hooks: Hooks;
  readonly serviceScope: () => DataScope;
  readonly planMail: PlanAccountMail;
}

/** Where every way in ends: a session is opened, or a second factor asked for. */
export class SignInCompletion {
  readonly limits: SessionLimits;

  constructor(private readonly options: SignInCompletionOptions) {
    this.limits = options.limits;
  }

  /** Goes on in the transaction of who has just checked a first factor. */
  async proceed(query: RunSql, caller: AuditedCaller, proven: Proven): Promise<SignInStep> {
    const { userId, methods, providerId } = proven;
    // A refusal must not throw inside the transaction, for that would undo its line in the log.
    if (await isLockedOut(query, userId)) {
      await recordAudit(
        query,
        toAuditRecord(caller, refusedSignIn(userId, methods[0] ?? 'none', { reason: 'ACCOUNT_DEACTIVATED' })),
      );
      return { kind: 'lockedOut' };
    }
    if (!methods.includes('mfa') && (await hasSecondFactor(query, userId))) {
      return { kind: 'challenged', challenge: await createChallenge(query, { userId, methods, providerId }) };
    }
    return { kind: 'opened', opened: await this.open(query, caller, proven) };
  }

  /**
   * The same for who has shown a password, in one statement that is a transaction by itself, where there is nothing to ask or tell: nearly always.
   *
   * @returns undefined where nothing was done: then {@link proceed}
   */
  async proceedAlone(caller: AuditedCaller, proven: Proven, shown: ShownPassword): Promise<SignInStep | undefined> {
    const { hooks, serviceScope } = this.options;
    if (hooks.tells('signIn')) return undefined;
    const opened = await openAlone(serviceScope(), proven, caller, shown, this.limits);
    return opened && { kind: 'opened', opened };
  }

  /** Opens the session of who has proven enough, in the same transaction. */
  async open(query: RunSql, caller: AuditedCaller, proven: Proven): Promise<OpenedSession> {
    const opened = await openSession(query, proven, caller.client, this.limits);
    await this.options.hooks.plan(query, 'signIn', describe(opened, proven.methods, caller));
    const { sessionId, email } = opened.state;
    if (opened.isNewDevice) await this.options.planMail('new-device', email, query, sessionId);
    await recordAudit(query, openedRecord(caller, proven, sessionId, opened.isNewDevice));
    return opened;
  }

  /**
   * After the commit: makes the tokens of a session that was opened.
   *
   * @throws AppError `FORBIDDEN` with the reason `ACCOUNT_DEACTIVATED`, and as {@link admit}
   */
  async answer(step: SignInStep, caller: AuditedCaller): Promise<SignInAnswer> {
    if (step.kind === 'lockedOut') throw accountDeactivated();
    if (step.kind === 'challenged') return { kind: 'mfaRequired', challenge: step.challenge };
    return { kind: 'signedIn', person: await this.admit(step.opened, caller) };
  }

  /**
   * After the commit: lets somebody in whom no hook refuses. Who is refused has no session: nobody has had a token of it.
   *
   * @throws AppError `FORBIDDEN`, or `SUBGRAPH_UNAVAILABLE` where a hook that must answer does not
   */
  async admit(opened: OpenedSession, caller: AuditedCaller): Promise<SignedInPerson> {
    const { hooks, serviceScope } = this.options;
    const { userId, sessionId } = opened.state;
    const refusal = await hooks.ask('signIn', describe(opened, opened.methods, caller));
    if (refusal === undefined) return this.welcome(opened);
    await serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await query('delete from session where id = $1', [sessionId]);
      await recordAudit(query, toAuditRecord(caller, refusedSignIn(userId, 'hook')));
    });
    throw refusal;
  }

  async welcome({ state, refreshToken }: OpenedSession): Promise<SignedInPerson> {
    return { state, tokens: await this.options.tokenIssuer.issue(state, refreshToken) };
  }
}

async function isLockedOut(query: RunSql, userId: string): Promise<boolean> {
  const rows = await query('select 1 from account where id = $1 and deactivated_at is not null', [userId]);
  return rows.length > 0;
}

/** What hooks are told of a session. */
function describe({ state }: OpenedSession, methods: readonly string[], { client }: AuditedCaller): JsonObject {
  const { userId, sessionId, email } = state;
  const { address = null, country = null, city = null, userAgent = null } = client;
  return { userId, sessionId, email, methods: [...methods], address, country, city, userAgent };
}

/** Why a sign-in was refused, and what came of it. */
export interface Refusal {
  readonly reason?: string | undefined;
  /** How long the next one has to wait: whoever comes meanwhile leaves no line, for it would cost them nothing to fill the log. */
  readonly waitSeconds?: number | undefined;
}

/** What the log says of a sign-in that was refused. What was typed is left out: people type passwords into wrong fields. */
export function refusedSignIn(
  subjectId: string | undefined,
  method: string,
  { reason, waitSeconds }: Refusal = {},
): AuditNote {
  return {
    action: 'session.opened',
    outcome: 'denied',
    ...(subjectId !== undefined && { subjectId }),
    details: { method, ...(reason !== undefined && { reason }), ...(waitSeconds !== undefined && { waitSeconds }) },
  };
}
