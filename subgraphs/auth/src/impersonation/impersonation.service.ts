import { toAuditRecord, type AuditedCaller, type AuditNote } from '@tessera/service/audit';
import { isId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { requireSuperAdmin, type UserPrincipal } from '@tessera/service/identity';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { AdministratorAccount, PlatformAdministrators } from '../accounts/platform-administrators.js';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { assertMayEnter } from '../security-policies/session-standing.js';
import { readSession } from '../sessions/continue-session.js';
import { openSession } from '../sessions/open-session.js';
import { SessionEntity } from '../sessions/session.entity.js';
import { requireRecentProof } from '../step-up/recent-authentication.js';
import { askMembership, enterTenant, type Membership } from '../tenants/enter-tenant.js';
import type { MembershipClient } from '../tenants/membership-client.js';
import type { IssuedTokens, SessionState, TokenIssuer } from '../tokens/token-issuer.js';

const maxMinutes = 60;

const inputSchema = z.object({
  userId: z.string(),
  tenantId: z.string().nullish(),
  reason: plainTextSchema(500).min(5),
  minutes: z.number().int().min(1).max(maxMinutes),
});

type Input = z.infer<typeof inputSchema>;

export interface ImpersonationServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly memberships: MembershipClient;
  readonly tokenIssuer: TokenIssuer;
  readonly administrators: PlatformAdministrators;
  readonly planMail: PlanAccountMail;
  readonly now?: () => Date;
}

/** An impersonation that was begun. */
export interface StartedImpersonation {
  readonly session: SessionEntity;
  readonly tokens: IssuedTokens;
}

interface Started {
  readonly session: SessionEntity;
  readonly state: SessionState;
  readonly refreshToken: string;
}

/** Acting as a person: for administrators of the platform, seen by everybody, and for a while only. */
export class ImpersonationService {
  readonly #options: ImpersonationServiceOptions;
  readonly #now: () => Date;

  constructor(options: ImpersonationServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** The impersonation that the caller is; null for who acts as themselves. */
  async current({ principal, scope }: Caller): Promise<SessionEntity | null> {
    const { impersonatorId, sessionId } = principal;
    if (impersonatorId === undefined || sessionId === undefined) return null;
    return scope.read((entityManager) => entityManager.findOne(SessionEntity, { id: sessionId, impersonatorId }));
  }

  /**
   * @throws AppError `FORBIDDEN` for who does not run the platform, or impersonates somebody already, and for a person who
   *   runs the platform; as the tenant's security policy refuses, by what who impersonates has shown; `PRECONDITION_FAILED` without a recent proof; `NOT_FOUND` for a person that does not exist, and for a
   *   tenant that the person is no member of
   */
  async start(caller: Caller & AuditedCaller, input: unknown): Promise<StartedImpersonation> {
    const admin = requireSuperAdmin(caller.principal);
    const wanted = parseInput(inputSchema, input);
    if (!isId(wanted.userId)) throw notFound('User');
    const { serviceScope, tokenIssuer } = this.#options;
    // Before anything is told about the person.
    await requireRecentProof(serviceScope, admin);
    const membership = await this.#membershipOf(wanted, admin);
    // A refusal must not throw inside the transaction, for that would undo its line in the log.
    const started = await serviceScope().write((entityManager) =>
      this.#open(entityManager, caller, wanted, membership),
    );
    if (started === undefined) throw new AppError('FORBIDDEN', 'Who runs the platform is not impersonated');
    const { session, state, refreshToken } = started;
    return { session, tokens: await tokenIssuer.issue(state, refreshToken) };
  }

  async #membershipOf({ userId, tenantId }: Input, admin: UserPrincipal): Promise<Membership | undefined> {
    if (tenantId === undefined || tenantId === null) return undefined;
    if (!isId(tenantId)) throw notFound('Tenant');
    const member = { kind: 'user' as const, userId, impersonatorId: admin.userId, roles: [], scopes: [] };
    return askMembership(this.#options.memberships, member, tenantId, this.#now());
  }

  /** @returns undefined for a person who runs the platform */
  async #open(
    entityManager: EntityManager,
    caller: AuditedCaller,
    { userId, tenantId, reason, minutes }: Input,
    membership: Membership | undefined,
  ): Promise<Started | undefined> {
    const query = sqlOf(entityManager);
    const { userId: impersonatorId, sessionId: impersonatorSessionId } = requireSuperAdmin(caller.principal);
    if (impersonatorSessionId === undefined)
      throw new AppError('PRECONDITION_FAILED', 'No session belongs to this request');
    const [account] = await query<AdministratorAccount>(
      'select email, email_verified_at is not null as "isEmailVerified" from account where id = $1',
      [userId],
    );
    if (account === undefined) throw notFound('User');
    const note: AuditNote = { action: 'impersonation.started', subjectId: userId, details: { reason, minutes } };
    const place = { tenantId: tenantId ?? undefined };
    if (userId === impersonatorId || this.#options.administrators.isListed(account.email)) {
      await recordAudit(query, toAuditRecord(caller, { ...note, outcome: 'denied' }), place);
      return undefined;
    }
    const limits = { idleSeconds: minutes * 60, maxSeconds: minutes * 60 };
    const proven = { userId, ...account, methods: [] };
    const impersonated = { impersonatorId, impersonatorSessionId, reason };
    const { state, refreshToken } = await openSession(query, proven, caller.client, limits, impersonated);
    const { sessionId } = state;
    if (membership !== undefined) await enterTenant(query, sessionId, membership);
    await recordAudit(query, toAuditRecord(caller, { ...note, targetType: 'Session', targetId: sessionId }), place);
    // On the person's side too, as every other session.
    const opened = toAuditRecord(caller, { action: 'session.opened', details: { methods: [] } });
    await recordAudit(query, { ...opened, actorId: userId, sessionId, impersonatorId }, place);
    await this.#options.planMail('impersonated', account.email, query, sessionId);
    const session = await entityManager.findOneOrFail(SessionEntity, { id: sessionId });
    const now = await readSession(query, sessionId);
    assertMayEnter(now, caller.client.address);
    return { session, state: now, refreshToken };
  }
}
