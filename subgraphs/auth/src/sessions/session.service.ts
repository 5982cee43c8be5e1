import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { isId, sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { requireOneself, requireUser, type Revocation } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { recordAudit } from '../audit/record-audit.js';
import { hashRefreshToken, isRefreshToken } from '../tokens/refresh-token.js';
import type { SessionState } from '../tokens/token-issuer.js';
import { announceEndedSessions, revokedLately, endSessions } from './end-sessions.js';
import { SessionEntity } from './session.entity.js';

const maxListed = 100;

export interface SessionServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly pubSub: PubSub;
  readonly now?: () => Date;
}

/** The sessions of a person: seeing them and ending them. */
export class SessionService {
  readonly #options: SessionServiceOptions;
  readonly #now: () => Date;

  constructor(options: SessionServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** The caller's sessions that are alive, the last used first. */
  async list({ principal, scope }: Caller): Promise<readonly SessionEntity[]> {
    return this.#findAlive(scope, requireUser(principal).userId);
  }

  /** The same for a person who has signed in by this very request, and is not yet its principal. */
  async listOpened({ userId }: SessionState): Promise<readonly SessionEntity[]> {
    const scope = this.#options.serviceScope();
    try {
      return await this.#findAlive(scope, userId);
    } finally {
      scope.close();
    }
  }

  /**
   * Ends the caller's session, or all of the caller's; their access tokens are refused at once.
   *
   * @throws AppError `FORBIDDEN` for who impersonates a person and would end that person's own sessions
   */
  async signOut(caller: Caller & AuditedCaller, isEverywhere: boolean): Promise<void> {
    const { principal, scope } = caller;
    const { userId, sessionId } = isEverywhere ? requireOneself(principal) : requireUser(principal);
    if (!isEverywhere && sessionId === undefined) {
      throw new AppError('PRECONDITION_FAILED', 'No session belongs to this request: sign out everywhere instead');
    }
    const ended = await scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const sessionIds = await endSessions(query, { userId, sessionId: isEverywhere ? undefined : sessionId });
      const details = { sessions: sessionIds.length, everywhere: isEverywhere };
      await recordAudit(query, toAuditRecord(caller, { action: 'session.ended', details }));
      return sessionIds;
    });
    await announceEndedSessions(this.#options.pubSub, ended);
  }

  /**
   * Ends the session of a refresh token, whoever has it (RFC 7009), and also by one that was spent: its holder may have missed what it
   * was exchanged for. A token of nothing is no error, for then there is nothing to end.
   */
  async signOutBy(caller: AuditedCaller, refreshToken: string): Promise<void> {
    if (!isRefreshToken(refreshToken)) return;
    const scope = this.#options.serviceScope();
    try {
      const ended = await scope.write((entityManager) => endFamily(sqlOf(entityManager), caller, refreshToken));
      await announceEndedSessions(this.#options.pubSub, ended);
    } finally {
      scope.close();
    }
  }

  /** Ends one of the caller's sessions. @throws AppError `NOT_FOUND` for one that is over, or somebody else's */
  async revoke(caller: Caller & AuditedCaller, id: string): Promise<void> {
    const { userId } = requireOneself(caller.principal);
    if (!isId(id)) throw notFound('Session');
    const ended = await caller.scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const sessionIds = await endSessions(query, { userId, sessionId: id });
      if (sessionIds.length === 0) throw notFound('Session');
      const note = { action: 'session.ended', targetType: 'Session', targetId: id };
      await recordAudit(query, toAuditRecord(caller, note));
      return sessionIds;
    });
    await announceEndedSessions(this.#options.pubSub, ended);
  }

  /** Sessions of everybody that ended, or got other rights, so lately that older access tokens may be about. */
  async listRevoked(): Promise<Revocation> {
    const scope = this.#options.serviceScope();
    try {
      return await scope.read((entityManager) => revokedLately(sqlOf(entityManager)));
    } finally {
      scope.close();
    }
  }

  async #findAlive(scope: DataScope, userId: string): Promise<readonly SessionEntity[]> {
    return scope.read((entityManager) =>
      entityManager.find(
        SessionEntity,
        { userId, revokedAt: null, expiresAt: { $gt: this.#now() } },
        { orderBy: { lastUsedAt: 'desc', id: 'desc' }, limit: maxListed },
      ),
    );
  }
}

async function endFamily(query: RunSql, caller: AuditedCaller, refreshToken: string): Promise<readonly string[]> {
  const [family] = await query<{ readonly sessionId: string; readonly userId: string }>(
    `select session_id as "sessionId", user_id as "userId" from refresh_token
     where token_hash = $1 and expires_at > now()`,
    [hashRefreshToken(refreshToken)],
  );
  if (family === undefined) return [];
  const sessionIds = await endSessions(query, family);
  const { userId: subjectId, sessionId: targetId } = family;
  const details = { sessions: sessionIds.length, everywhere: false };
  const note = { action: 'session.ended', subjectId, targetType: 'Session', targetId, details };
  await recordAudit(query, toAuditRecord(caller, note));
  return sessionIds;
}
