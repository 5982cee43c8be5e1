import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requireOneself, requirePermission, requireSuperAdmin } from '@tessera/service/identity';
import {
  addressRefusal,
  isPolicyNetwork,
  noSecurityPolicy,
  securityPolicyEventType,
  sessionRefusal,
  signInWaySchema,
  type SecurityPolicy,
} from '@tessera/service/security-policy';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { AccountClient } from '../references/account-client.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import type { TenantEntity } from '../tenants/tenant.entity.js';
import { SecurityPolicyEntity } from './security-policy.entity.js';

const distinct = (names: readonly string[]): string[] => [...new Set(names)];
const minutes = (max: number) =>
  z
    .number()
    .int()
    .min(5)
    .max(max)
    .nullish()
    .transform((given) => given ?? null);

const updateSchema = z.object({
  isMfaRequired: z.boolean(),
  maxSessionMinutes: minutes(90 * 24 * 60),
  maxIdleMinutes: minutes(7 * 24 * 60),
  signInWays: z.array(signInWaySchema).max(20).transform(distinct),
  networks: z
    .array(
      z
        .string()
        .trim()
        .refine(isPolicyNetwork, 'is no IPv4 address or network, and no IPv6 network of at most 64 bits'),
    )
    .max(100)
    .transform(distinct),
  expectedVersion: z.number().int().min(0).nullish(),
  force: z.boolean(),
});
const resetSchema = z.object({ tenantId: z.uuid(), reason: plainTextSchema(500) });

type Rules = Omit<SecurityPolicy, 'version'>;

const { isMfaRequired, maxSessionMinutes, maxIdleMinutes } = noSecurityPolicy;
const noRules: Rules = { isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays: [], networks: [] };

export interface SecurityPolicyServiceOptions {
  readonly serviceScope: (tenantId: string) => DataScope;
  /** Absent where nobody can be asked for a recent proof. */
  readonly accounts: Pick<AccountClient, 'requireRecentAuthentication' | 'sessionProof'> | undefined;
  /** Has gateways ask again for a tenant. @throws AppError `OVERLOADED` where they cannot be told now */
  readonly tellGateways: (tenantId: string) => Promise<void>;
  readonly now?: () => Date;
}

/** What the active tenant asks of those who act in it. Auth and the gateways hold everybody to it. */
export class SecurityPolicyService {
  readonly #options: SecurityPolicyServiceOptions;
  readonly #now: () => Date;

  constructor(options: SecurityPolicyServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Replaces the policy.
   *
   * @throws AppError `PRECONDITION_FAILED` without a recent proof of who asks, and (`details.reason` `WOULD_LOCK_OUT`) for a policy
   *   that would refuse the caller's own session or address, unless forced; `CONFLICT` where the version is not the expected one;
   *   `OVERLOADED` where gateways would not hear of it: nobody is to rely on what does not hold yet
   */
  async update(caller: Caller & AuditedCaller, input: unknown): Promise<SecurityPolicyEntity> {
    const { principal, scope } = caller;
    requireOneself(principal);
    const { tenantId, userId } = requirePermission(principal, 'tenant:manage');
    const { expectedVersion, force, ...rules } = parseInput(updateSchema, input);
    const { accounts, tellGateways } = this.#options;
    if (accounts === undefined)
      throw new AppError('PRECONDITION_FAILED', 'This platform has no step-up: no policy holds');
    await accounts.requireRecentAuthentication(principal);
    const locksOut = await this.#refusalOf(caller, rules, accounts);
    if (locksOut !== undefined && !force) throw wouldLockOut(locksOut);
    return scope.write(async (entityManager) => {
      await lockTenant(entityManager, tenantId);
      const stored = await entityManager.findOne(SecurityPolicyEntity, { tenantId });
      const version = stored?.version ?? 0;
      if (expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== version) {
        throw new AppError('CONFLICT', 'The security policy was changed meanwhile: read it again', {
          details: { version },
        });
      }
      const changed = await this.#write(entityManager, stored, { tenantId, changedBy: userId, rules });
      await this.#announce(entityManager, changed, caller, { ...rules, forced: locksOut !== undefined });
      // What they ask for now may be of before the commit; the announcement after it has them ask again.
      await tellGateways(tenantId);
      return changed;
    });
  }

  /**
   * Asks for nothing any more: for those who have locked themselves out.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform
   */
  async reset(caller: AuditedCaller, input: unknown): Promise<TenantEntity> {
    const { userId } = requireSuperAdmin(caller.principal);
    const { tenantId, reason } = parseInput(resetSchema, input);
    return this.#options.serviceScope(tenantId).write(async (entityManager) => {
      const tenant = await lockTenant(entityManager, tenantId);
      const stored = await entityManager.findOne(SecurityPolicyEntity, { tenantId });
      if (stored === null) return tenant;
      const changed = await this.#write(entityManager, stored, { tenantId, changedBy: userId, rules: noRules });
      await this.#announce(entityManager, changed, caller, { reason });
      return tenant;
    });
  }

  async #refusalOf(
    { principal, client }: AuditedCaller,
    rules: Rules,
    accounts: Pick<AccountClient, 'sessionProof'>,
  ): Promise<AppError | undefined> {
    const policy = { ...rules, version: 0 };
    const proof = await accounts.sessionProof(principal);
    return addressRefusal(policy, client.address) ?? sessionRefusal(policy, proof, this.#now().getTime());
  }

  async #write(
    entityManager: EntityManager,
    stored: SecurityPolicyEntity | null,
    { tenantId, changedBy, rules }: { readonly tenantId: string; readonly changedBy: string; readonly rules: Rules },
  ): Promise<SecurityPolicyEntity> {
    const version = (stored?.version ?? 0) + 1;
    const changed = Object.assign(stored ?? new SecurityPolicyEntity(), {
      ...rules,
      tenantId,
      version,
      changedBy,
      changedAt: this.#now(),
    });
    if (stored === null) entityManager.persist(changed);
    await entityManager.flush();
    return changed;
  }

  async #announce(
    entityManager: EntityManager,
    { tenantId, version, isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays, networks }: SecurityPolicyEntity,
    caller: AuditedCaller,
    details: NonNullable<Parameters<typeof auditEvent>[1]['details']>,
  ): Promise<void> {
    const payload = { version, isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays, networks };
    const note = { action: 'securityPolicy.changed', targetType: 'Tenant', targetId: tenantId };
    await appendToOutbox(sqlOf(entityManager), [
      createDomainEvent({ type: securityPolicyEventType, tenantId, payload }, this.#now),
      auditEvent(caller, { ...note, details: { version, ...details } }, tenantId),
    ]);
  }
}

function wouldLockOut({ details, message }: AppError): AppError {
  return new AppError('PRECONDITION_FAILED', `The policy would refuse you yourself. ${message}`, {
    details: { reason: 'WOULD_LOCK_OUT', refusal: details?.['reason'] ?? null },
  });
}
