import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import {
  findPage,
  isId,
  newId,
  sqlOf,
  type EntityManager,
  type Page,
  type PageArguments,
} from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { appendToOutbox } from '@tessera/service/events';
import { requireMemberManager, requirePermission, type Principal } from '@tessera/service/identity';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { permissionsOfRole, roleNameSchema } from '../roles/role-use.js';
import { assertOwn } from '../roles/role.service.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import { GroupEntity } from './group.entity.js';
import { announceRights } from './member-rights.js';

const nameSchema = plainTextSchema(100);
const descriptionSchema = z.string().trim().max(500);
const createSchema = z.object({
  name: nameSchema,
  description: descriptionSchema.nullish(),
  role: roleNameSchema.nullish(),
});
const updateSchema = z.object({
  id: z.uuid(),
  name: nameSchema.nullish(),
  description: descriptionSchema.nullish(),
  /** Null takes it away. */
  role: roleNameSchema.nullable().optional(),
});

/** Groups of members of the active tenant. A group with a role adds what that role grants to what its members may do. */
export class GroupService {
  constructor(
    private readonly plans: PlanCatalogue,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** The groups, the oldest first. */
  async list({ principal, scope }: Caller, pageArguments: PageArguments): Promise<Page<GroupEntity>> {
    const { tenantId } = requirePermission(principal, 'members:read');
    return findPage(scope, GroupEntity, { tenantId }, pageArguments, 'asc');
  }

  /** @throws AppError `NOT_FOUND` */
  async find({ principal, scope }: Caller, id: string): Promise<GroupEntity> {
    const { tenantId } = requirePermission(principal, 'members:read');
    const group = isId(id)
      ? await scope.read((entityManager) => entityManager.findOne(GroupEntity, { id, tenantId }))
      : null;
    if (group === null) throw notFound('Group');
    return group;
  }

  /**
   * @throws AppError `CONFLICT` for a name that the tenant has, `QUOTA_EXCEEDED` where the plan allows no more groups, `FORBIDDEN`
   *   for a role that grants what the caller has not
   */
  async create(caller: Caller & AuditedCaller, input: unknown): Promise<GroupEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { name, description, role = null } = parseInput(createSchema, input);
    const group = Object.assign(new GroupEntity(), {
      id: newId(),
      tenantId,
      name,
      description: description ?? '',
      role,
      createdAt: this.now(),
    });
    const written = scope.write(async (entityManager) => {
      const tenant = await lockTenant(entityManager, tenantId);
      await assertOwnRole(entityManager, principal, tenantId, role);
      this.plans.assertRoom(tenant.plan, 'groups', await entityManager.count(GroupEntity, { tenantId }));
      entityManager.persist(group);
      await entityManager.flush();
      await report(entityManager, caller, 'group.created', group);
      return group;
    });
    return written.catch((error: unknown) => {
      throw nameTaken(error, name);
    });
  }

  /**
   * Renames a group, or gives it another role: its members' rights change at once.
   *
   * @throws AppError `CONFLICT`, and `FORBIDDEN` where either role grants what the caller has not
   */
  async update(caller: Caller & AuditedCaller, input: unknown): Promise<GroupEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { id, name, description, role } = parseInput(updateSchema, input);
    const written = scope.write(async (entityManager) => {
      const group = await lockGroup(entityManager, tenantId, id);
      const before = group.role;
      if (role !== undefined && role !== before) {
        await assertOwnRole(entityManager, principal, tenantId, before);
        await assertOwnRole(entityManager, principal, tenantId, role);
        group.role = role;
      }
      group.name = name ?? group.name;
      group.description = description ?? group.description;
      await entityManager.flush();
      if (group.role !== before) await this.#announceMembers(entityManager, group);
      await report(entityManager, caller, 'group.changed', group);
      return group;
    });
    return written.catch((error: unknown) => {
      throw nameTaken(error, name ?? '');
    });
  }

  /** @throws AppError `FORBIDDEN` where its role grants what the caller has not */
  async delete(caller: Caller & AuditedCaller, id: string): Promise<boolean> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    if (!isId(id)) throw notFound('Group');
    return scope.write(async (entityManager) => {
      const group = await lockGroup(entityManager, tenantId, id);
      await assertOwnRole(entityManager, principal, tenantId, group.role);
      const userIds = await memberIds(entityManager, group);
      entityManager.remove(group);
      await entityManager.flush();
      if (group.role !== null) await announceRights(sqlOf(entityManager), tenantId, userIds, this.now);
      await report(entityManager, caller, 'group.deleted', group);
      return true;
    });
  }

  async #announceMembers(entityManager: EntityManager, group: GroupEntity): Promise<void> {
    const userIds = await memberIds(entityManager, group);
    await announceRights(sqlOf(entityManager), group.tenantId, userIds, this.now);
  }
}

/** Locks the tenant first, as everything does that changes who may do what, then reads the group. */
export async function lockGroup(entityManager: EntityManager, tenantId: string, id: string): Promise<GroupEntity> {
  await lockTenant(entityManager, tenantId);
  const group = await entityManager.findOne(GroupEntity, { id, tenantId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (group === null) throw notFound('Group');
  return group;
}

/** Neither may one give what one has not, nor take it away. */
export async function assertOwnRole(
  entityManager: EntityManager,
  principal: Principal,
  tenantId: string,
  role: string | null,
): Promise<void> {
  if (role !== null) assertOwn(principal, await permissionsOfRole(entityManager, sqlOf(entityManager), tenantId, role));
}

export async function report(
  entityManager: EntityManager,
  caller: AuditedCaller,
  action: string,
  { id, name, role }: GroupEntity,
  details: NonNullable<Parameters<typeof auditEvent>[1]['details']> = {},
): Promise<void> {
  const note = { action, targetType: 'Group', targetId: id, details: { name, role, ...details } };
  await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note)]);
}

async function memberIds(entityManager: EntityManager, { id }: GroupEntity): Promise<readonly string[]> {
  const rows = await sqlOf(entityManager)<{ readonly userId: string }>(
    'select user_id as "userId" from group_member where group_id = $1 order by 1',
    [id],
  );
  return rows.map(({ userId }) => userId);
}

function nameTaken(error: unknown, name: string): unknown {
  if (!(error instanceof UniqueConstraintViolationException)) return error;
  return new AppError('CONFLICT', `There is a group ${name} already`, { cause: error });
}
