import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import type { AppError } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { DataScope } from '@tessera/service/tenancy';
import { recordAudit } from '../audit/record-audit.js';
import { createRefreshToken, graceSeconds, hashRefreshToken, isRefreshToken } from '../tokens/refresh-token.js';
import type { IssuedTokens, SessionState, TokenIssuer } from '../tokens/token-issuer.js';
import { continueSession, spendAndContinue } from './continue-session.js';
import { announceEndedSessions, endSessions } from './end-sessions.js';

export interface RefreshServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly tokenIssuer: TokenIssuer;
  readonly pubSub: PubSub;
}

type Outcome =
  | { readonly kind: 'continued'; readonly state: SessionState }
  | { readonly kind: 'refused' }
  /** A token that was spent long ago came again: the whole family is ended. */
  | { readonly kind: 'replayed'; readonly spent: SpentToken; readonly endedSessionIds: readonly string[] };

interface SpentToken {
  readonly sessionId: string;
  readonly userId: string;
  readonly isInGrace: boolean;
}

/**
 * Exchanges refresh tokens for new ones (RFC 9700, 4.14). What decides is a row of the database and its clock, so any
 * number of instances agree.
 */
export class RefreshService {
  readonly #options: RefreshServiceOptions;

  constructor(options: RefreshServiceOptions) {
    this.#options = options;
  }

  /** @throws AppError `UNAUTHENTICATED`, in the same words for a token that is unknown, expired, revoked or replayed */
  async refresh(caller: AuditedCaller, refreshToken: string): Promise<IssuedTokens> {
    if (!isRefreshToken(refreshToken)) throw refused();
    const { serviceScope, tokenIssuer, pubSub } = this.#options;
    const next = createRefreshToken();
    const spent = [hashRefreshToken(refreshToken), hashRefreshToken(next)] as const;
    // Nearly all end here, in one round trip.
    const [state] = await serviceScope().runAlone<SessionState>(spendAndContinue, spent);
    if (state !== undefined) return tokenIssuer.issue(state, next);
    // A refusal must not throw inside the transaction, for that would undo the ending of a family.
    const outcome = await serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const exchanged = await exchange(query, ...spent);
      if (exchanged.kind === 'replayed') await recordReplay(query, caller, exchanged);
      return exchanged;
    });
    if (outcome.kind === 'continued') return tokenIssuer.issue(outcome.state, next);
    if (outcome.kind === 'replayed') await announceEndedSessions(pubSub, outcome.endedSessionIds);
    throw refused();
  }
}

async function exchange(query: RunSql, tokenHash: Buffer, nextHash: Buffer): Promise<Outcome> {
  // The row lock lets one of many racing requests through; the others wait here and then find the token spent.
  const [spentNow] = await query<{ readonly sessionId: string }>(
    `update refresh_token set spent_at = clock_timestamp()
     where token_hash = $1 and spent_at is null and expires_at > now()
     returning session_id as "sessionId"`,
    [tokenHash],
  );
  if (spentNow !== undefined) return continued(await continueSession(query, spentNow.sessionId, nextHash));
  const [spentBefore] = await query<SpentToken>(
    `select session_id as "sessionId", user_id as "userId",
            spent_at > clock_timestamp() - make_interval(secs => $2) as "isInGrace"
     from refresh_token where token_hash = $1 and spent_at is not null and expires_at > now()`,
    [tokenHash, graceSeconds],
  );
  if (spentBefore === undefined) return { kind: 'refused' };
  if (spentBefore.isInGrace) return continued(await continueSession(query, spentBefore.sessionId, nextHash));
  return { kind: 'replayed', spent: spentBefore, endedSessionIds: await endSessions(query, spentBefore) };
}

/** Somebody has a copy of the token: its owner will want to know from where it was used. */
async function recordReplay(
  query: RunSql,
  caller: AuditedCaller,
  { spent }: { readonly spent: SpentToken },
): Promise<void> {
  const { userId: subjectId, sessionId: targetId } = spent;
  const note = {
    action: 'refreshToken.replayed',
    outcome: 'denied',
    subjectId,
    targetType: 'Session',
    targetId,
  } as const;
  await recordAudit(query, toAuditRecord(caller, note));
}

function continued(state: SessionState | null): Outcome {
  return state === null ? { kind: 'refused' } : { kind: 'continued', state };
}

function refused(): AppError {
  return unauthenticated('SESSION_ENDED', 'Refresh token is not valid: sign in again');
}
