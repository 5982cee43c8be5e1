import { toAuditRecord, type AuditedCaller, type AuditNote } from '@tessera/service/audit';
import type { RunSql } from '@tessera/service/database';
import { recordAudit } from '../audit/record-audit.js';
import { hasSecondFactor } from '../second-factor/has-second-factor.js';
import { openSession, type OpenedSession, type Proven, type SessionLimits } from '../sessions/open-session.js';
import type { IssuedTokens, SessionState, TokenIssuer } from '../tokens/token-issuer.js';
import { createChallenge, type SignInChallenge } from './sign-in-challenge.js';

export interface SignedInPerson {
  readonly state: SessionState;
  readonly tokens: IssuedTokens;
}

/** How a sign-in went on inside its transaction. */
export type SignInStep =
  | { readonly kind: 'opened'; readonly opened: OpenedSession }
  | { readonly kind: 'challenged'; readonly challenge: SignInChallenge };

/** How a sign-in went on, as its caller is told. */
export type SignInAnswer =
  | { readonly kind: 'signedIn'; readonly person: SignedInPerson }
  | { readonly kind: 'mfaRequired'; readonly challenge: SignInChallenge };

/** Where every way in ends: a session is opened, or a second factor asked for. */
export class SignInCompletion {
  constructor(
    private readonly tokenIssuer: TokenIssuer,
    readonly limits: SessionLimits,
  ) {}

  /** Goes on in the transaction of who has just checked a first factor. */
  async proceed(query: RunSql, caller: AuditedCaller, proven: Proven): Promise<SignInStep> {
    const { userId, methods } = proven;
    if (!methods.includes('mfa') && (await hasSecondFactor(query, userId))) {
      return { kind: 'challenged', challenge: await createChallenge(query, { userId, methods }) };
    }
    return { kind: 'opened', opened: await this.open(query, caller, proven) };
  }

  /** Opens the session of who has proven enough, in the same transaction. */
  async open(query: RunSql, caller: AuditedCaller, proven: Proven): Promise<OpenedSession> {
    const opened = await openSession(query, proven, caller.client, this.limits);
    const { userId: actorId, sessionId } = opened.state;
    // Who signs in is anonymous until then: the log names who they have become.
    const record = toAuditRecord(caller, { action: 'session.opened', details: { methods: [...proven.methods] } });
    await recordAudit(query, { ...record, actorKind: 'user', actorId, sessionId });
    return opened;
  }

  /** After the commit: makes the tokens of a session that was opened. */
  async answer(step: SignInStep): Promise<SignInAnswer> {
    if (step.kind === 'challenged') return { kind: 'mfaRequired', challenge: step.challenge };
    return { kind: 'signedIn', person: await this.welcome(step.opened) };
  }

  async welcome({ state, refreshToken }: OpenedSession): Promise<SignedInPerson> {
    return { state, tokens: await this.tokenIssuer.issue(state, refreshToken) };
  }
}

/** What the log says of a sign-in that was refused. What was typed is left out: people type passwords into wrong fields. */
export function refusedSignIn(subjectId: string | undefined, method: string): AuditNote {
  return {
    action: 'session.opened',
    outcome: 'denied',
    ...(subjectId !== undefined && { subjectId }),
    details: { method },
  };
}
