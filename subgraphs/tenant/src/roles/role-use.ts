import type { EntityManager, RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { isBuiltInRole, permissionsOf } from '@tessera/service/identity';
import { z } from 'zod';
import { RoleEntity } from './role.entity.js';

/** Name of a role that can be given: `TENANT_ADMIN`, `USER`, or one of the tenant's own. */
export const roleNameSchema = z
  .string()
  .min(1)
  .max(64)
  .refine((name) => name !== 'SUPER_ADMIN', 'belongs to the platform, not to a tenant');

/**
 * What a role grants in a tenant. Its row is locked against being deleted or changed until the transaction ends.
 *
 * @throws AppError `NOT_FOUND` for a role that is neither built in nor the tenant's own
 */
export async function permissionsOfRole(
  entityManager: EntityManager,
  query: RunSql,
  tenantId: string,
  name: string,
): Promise<readonly string[]> {
  if (isBuiltInRole(name)) return [...permissionsOf([name])];
  await query('select 1 from role where tenant_id = $1 and name = $2 for share', [tenantId, name]);
  const role = await entityManager.findOne(RoleEntity, { tenantId, name });
  if (role === null) throw new AppError('NOT_FOUND', `There is no role ${name}`);
  return role.permissions;
}

/** @throws AppError `PRECONDITION_FAILED` while somebody has the role, a group carries it, or somebody is invited to it */
export async function assertInUseNowhere(query: RunSql, tenantId: string, name: string): Promise<void> {
  const uses = await query(
    `select 1 from membership where tenant_id = $1 and role = $2
     union all
     select 1 from member_group where tenant_id = $1 and role = $2
     union all
     select 1 from invitation where tenant_id = $1 and role = $2 and accepted_at is null and revoked_at is null
       and expires_at > now()
     limit 1`,
    [tenantId, name],
  );
  if (uses.length === 0) return;
  throw new AppError('PRECONDITION_FAILED', 'The role is in use: give its members and groups another one first');
}
