import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import { isId, sqlOf } from '@tessera/service/database';
import { AppError, notFound } from '@tessera/service/errors';
import { requireOneself, requireUser, unauthenticated } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { recordAudit } from '../audit/record-audit.js';
import { continueSession } from '../sessions/continue-session.js';
import { createRefreshToken, hashRefreshToken } from '../tokens/refresh-token.js';
import type { IssuedTokens, TokenIssuer } from '../tokens/token-issuer.js';
import { assertMayEnter } from '../security-policies/session-standing.js';
import { askMembership, enterTenant } from './enter-tenant.js';
import type { MembershipClient } from './membership-client.js';

export interface SwitchTenantServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly memberships: MembershipClient;
  readonly tokenIssuer: TokenIssuer;
  readonly now?: () => Date;
}

/** Makes a tenant the active one of a session. */
export class SwitchTenantService {
  readonly #options: SwitchTenantServiceOptions;
  readonly #now: () => Date;

  constructor(options: SwitchTenantServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * The session remembers the tenant: refreshed tokens keep it. The refresh tokens that the client has stay good, for
   * this answer may get lost.
   *
   * @throws AppError `NOT_FOUND` for a tenant that does not exist and for one that the caller is no member of, `FORBIDDEN`
   *   for one that is suspended or being erased, and to who impersonates the caller for another one; and as the tenant's security
   *   policy refuses
   */
  async switchTo(caller: Caller & AuditedCaller, tenantId: string): Promise<IssuedTokens> {
    const user =
      caller.principal.tenantId === tenantId ? requireUser(caller.principal) : requireOneself(caller.principal);
    const { sessionId } = user;
    if (sessionId === undefined) throw new AppError('PRECONDITION_FAILED', 'No session belongs to this request');
    if (!isId(tenantId)) throw notFound('Tenant');
    const membership = await askMembership(this.#options.memberships, user, tenantId, this.#now());
    const refreshToken = createRefreshToken();
    // As the service: the caller is not in the tenant yet, and may not see whether it is in use.
    const state = await this.#options.serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await enterTenant(query, sessionId, membership);
      await recordAudit(query, toAuditRecord(caller, { action: 'tenant.entered' }), { tenantId });
      const continued = await continueSession(query, sessionId, hashRefreshToken(refreshToken));
      // Whoever is refused stays where they are: nothing of this is committed.
      if (continued !== null) assertMayEnter(continued, caller.client.address);
      return continued;
    });
    if (state === null) throw unauthenticated('SESSION_ENDED', 'The session has ended: sign in again');
    return this.#options.tokenIssuer.issue(state, refreshToken);
  }
}
