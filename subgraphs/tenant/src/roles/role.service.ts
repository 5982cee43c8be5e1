import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { isId, newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import {
  isBuiltInRole,
  isPermission,
  requireMemberManager,
  requirePermission,
  type Principal,
} from '@tessera/service/identity';
import { roleChangedEventType, type Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import { announceRights, groupedMembersWith } from '../groups/member-rights.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { assertInUseNowhere } from './role-use.js';
import { RoleEntity } from './role.entity.js';

const nameSchema = z
  .string()
  .regex(/^[A-Za-z][\w-]{0,63}$/, 'must be letters, digits, _ and -, beginning with a letter')
  .refine((name) => !isBuiltInRole(name), 'is the name of a built-in role');
const descriptionSchema = z.string().trim().max(500);
const permissionsSchema = z
  .array(z.string().refine(isPermission, 'is not a permission'))
  .max(100)
  .transform((names) => [...new Set(names)].sort());

const createSchema = z.object({
  name: nameSchema,
  description: descriptionSchema.default(''),
  permissions: permissionsSchema,
});
const updateSchema = z.object({
  id: z.uuid(),
  description: descriptionSchema.nullish(),
  permissions: permissionsSchema.nullish(),
});

/** More would make every look at roles slow, and no person can tell so many apart. */
const maxRoles = 100;

/** Roles of the active tenant's own making. */
export class RoleService {
  constructor(private readonly now: () => Date = () => new Date()) {}

  /** The active tenant's roles by name. */
  async list({ principal, scope }: Caller): Promise<readonly RoleEntity[]> {
    const { tenantId } = requirePermission(principal, 'members:read');
    return scope.read((entityManager) =>
      entityManager.find(RoleEntity, { tenantId }, { orderBy: { name: 'asc' }, limit: maxRoles }),
    );
  }

  /** @throws AppError `CONFLICT` for a name that the tenant has, `FORBIDDEN` for a permission that the caller has not */
  async create(caller: Caller & AuditedCaller, input: unknown): Promise<RoleEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { name, description, permissions } = parseInput(createSchema, input);
    assertOwn(principal, permissions);
    const createdAt = this.now();
    const role = Object.assign(new RoleEntity(), { id: newId(), tenantId, name, description, permissions, createdAt });
    const written = scope.write(async (entityManager) => {
      await assertRoom(entityManager, tenantId);
      entityManager.persist(role);
      await entityManager.flush();
      await report(entityManager, caller, 'role.created', role);
      return role;
    });
    return written.catch((error: unknown) => {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      throw new AppError('CONFLICT', `There is a role ${name} already`, { cause: error });
    });
  }

  /** Changes what a role grants; everybody who has it gets the new rights with the next refresh, and at once no others. */
  async update(caller: Caller & AuditedCaller, input: unknown): Promise<RoleEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { id, description, permissions } = parseInput(updateSchema, input);
    return scope.write(async (entityManager) => {
      // What groups grant is announced in the order of the tenant's lock.
      await lockTenant(entityManager, tenantId);
      const role = await lockRole(entityManager, tenantId, id);
      // Neither may one give what one has not, nor take away from those above oneself.
      assertOwn(principal, [...role.permissions, ...(permissions ?? [])]);
      role.description = description ?? role.description;
      role.permissions = permissions ?? role.permissions;
      await entityManager.flush();
      const payload = { role: role.name, permissions: role.permissions };
      const changed = createDomainEvent({ type: roleChangedEventType, tenantId, payload }, this.now);
      const query = sqlOf(entityManager);
      await appendToOutbox(query, [changed]);
      await announceRights(query, tenantId, await groupedMembersWith(query, tenantId, role.name), this.now);
      await report(entityManager, caller, 'role.changed', role);
      return role;
    });
  }

  /** @throws AppError `PRECONDITION_FAILED` while a member has the role, or somebody is invited to it */
  async delete(caller: Caller & AuditedCaller, id: string): Promise<boolean> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    if (!isId(id)) throw notFound('Role');
    return scope.write(async (entityManager) => {
      const role = await lockRole(entityManager, tenantId, id);
      assertOwn(principal, role.permissions);
      await assertInUseNowhere(sqlOf(entityManager), tenantId, role.name);
      entityManager.remove(role);
      await entityManager.flush();
      await report(entityManager, caller, 'role.deleted', role);
      return true;
    });
  }
}

/** Nobody hands on what they have not got. */
export function assertOwn({ scopes }: Principal, permissions: readonly string[]): void {
  const missing = permissions.filter((permission) => !scopes.includes(permission));
  if (missing.length === 0) return;
  throw new AppError('FORBIDDEN', `Only who has a permission can give or take it: ${missing.join(', ')}`);
}

async function lockRole(entityManager: EntityManager, tenantId: string, id: string): Promise<RoleEntity> {
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  const role = await entityManager.findOne(RoleEntity, { id, tenantId }, { lockMode });
  if (role === null) throw notFound('Role');
  return role;
}

async function assertRoom(entityManager: EntityManager, tenantId: string): Promise<void> {
  await sqlOf(entityManager)('select 1 from tenant where id = $1 for update', [tenantId]);
  if ((await entityManager.count(RoleEntity, { tenantId })) < maxRoles) return;
  throw new AppError('QUOTA_EXCEEDED', `A tenant has at most ${maxRoles} roles of its own`);
}

async function report(
  entityManager: EntityManager,
  caller: AuditedCaller,
  action: string,
  { id, name, permissions }: RoleEntity,
): Promise<void> {
  const note = { action, targetType: 'Role', targetId: id, details: { name, permissions } };
  await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note)]);
}
