import { randomBytes } from 'node:crypto';
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { isId, newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireMemberManager, requirePermission } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { assertOwn } from '../roles/role.service.js';
import { permissionsOfRole, roleNameSchema } from '../roles/role-use.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { domainSchema } from './domain-name.js';
import type { HasProof } from './domain-proof.js';
import { EmailDomainEntity } from './email-domain.entity.js';

const addSchema = z.object({ domain: domainSchema });
const autoJoinSchema = z.object({ id: z.uuid(), role: roleNameSchema.nullish() });

export interface DomainServiceOptions {
  readonly plans: PlanCatalogue;
  readonly hasProof: HasProof;
  readonly now?: () => Date;
}

/** E-mail domains of the active tenant. */
export class DomainService {
  readonly #options: DomainServiceOptions;
  readonly #now: () => Date;

  constructor(options: DomainServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /** By name. */
  async list({ principal, scope }: Caller): Promise<readonly EmailDomainEntity[]> {
    const { tenantId } = requirePermission(principal, 'tenant:manage');
    return scope.read((entityManager) =>
      entityManager.find(EmailDomainEntity, { tenantId }, { orderBy: { domain: 'asc' }, limit: 1_000 }),
    );
  }

  /** Adds a domain that is to be proven. @throws AppError `CONFLICT` for one that is there, `QUOTA_EXCEEDED` by the plan */
  async add(caller: Caller & AuditedCaller, input: unknown): Promise<EmailDomainEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requirePermission(principal, 'tenant:manage');
    const { domain } = parseInput(addSchema, input);
    const added = Object.assign(new EmailDomainEntity(), { id: newId(), tenantId, domain, createdAt: this.#now() });
    added.token = randomBytes(24).toString('base64url');
    const written = scope.write(async (entityManager) => {
      const { plan } = await lockTenant(entityManager, tenantId);
      this.#options.plans.assertRoom(plan, 'domains', await entityManager.count(EmailDomainEntity, { tenantId }));
      entityManager.persist(added);
      await entityManager.flush();
      await report(entityManager, caller, added, 'domain.added');
      return added;
    });
    return written.catch(refuseTwice(`Domain ${domain} is there already`));
  }

  /**
   * Looks for the proof in DNS.
   *
   * @throws AppError `PRECONDITION_FAILED` where it is not there, `CONFLICT` where another tenant has proven the domain,
   *   `SUBGRAPH_UNAVAILABLE` where no name server answers
   */
  async verify(caller: Caller & AuditedCaller, id: string): Promise<EmailDomainEntity> {
    const { principal, scope } = caller;
    requirePermission(principal, 'tenant:manage');
    const { domain, token } = await scope.read((entityManager) => find(entityManager, id));
    const isProven = await this.#options.hasProof(domain, token);
    if (!isProven) throw new AppError('PRECONDITION_FAILED', 'The TXT record is not there yet: DNS may take its time');
    const written = scope.write(async (entityManager) => {
      const found = await find(entityManager, id, LockMode.PESSIMISTIC_WRITE);
      const isNews = found.verifiedAt === null;
      found.verifiedAt ??= this.#now();
      found.checkedAt = this.#now();
      found.failedChecks = 0;
      await entityManager.flush();
      if (isNews) await report(entityManager, caller, found, 'domain.verified');
      return found;
    });
    return written.catch(refuseTwice(`Domain ${domain} belongs to another tenant`));
  }

  /** Lets people with a proven address of a proven domain join by themselves, in a role; or nobody. */
  async setAutoJoin(caller: Caller & AuditedCaller, input: unknown): Promise<EmailDomainEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requirePermission(principal, 'tenant:manage');
    requireMemberManager(principal);
    const { id, role = null } = parseInput(autoJoinSchema, input);
    return scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      if (role !== null) assertOwn(principal, await permissionsOfRole(entityManager, query, tenantId, role));
      const found = await find(entityManager, id, LockMode.PESSIMISTIC_WRITE);
      found.autoJoinRole = role;
      await entityManager.flush();
      await report(entityManager, caller, found, 'domain.autoJoinChanged');
      return found;
    });
  }

  async remove(caller: Caller & AuditedCaller, id: string): Promise<boolean> {
    requirePermission(caller.principal, 'tenant:manage');
    return caller.scope.write(async (entityManager) => {
      const found = await find(entityManager, id, LockMode.PESSIMISTIC_WRITE);
      entityManager.remove(found);
      await entityManager.flush();
      await report(entityManager, caller, found, 'domain.removed');
      return true;
    });
  }
}

async function find(entityManager: EntityManager, id: string, lockMode?: LockMode): Promise<EmailDomainEntity> {
  if (!isId(id)) throw notFound('Domain');
  const found = await entityManager.findOne(EmailDomainEntity, { id }, lockMode === undefined ? {} : { lockMode });
  if (found === null) throw notFound('Domain');
  return found;
}

function refuseTwice(message: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw new AppError('CONFLICT', message, { cause: error });
  };
}

async function report(
  entityManager: EntityManager,
  caller: AuditedCaller,
  { id, domain, autoJoinRole }: EmailDomainEntity,
  action: string,
): Promise<void> {
  const note = { action, targetType: 'EmailDomain', targetId: id, details: { domain, autoJoinRole } };
  await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note)]);
}
