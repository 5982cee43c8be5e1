import type { AuditedCaller } from '@tessera/service/audit';
import { newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { requireMemberManager } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { GroupEntity } from './group.entity.js';
import { assertOwnRole, lockGroup, report } from './group.service.js';
import { announceRights } from './member-rights.js';

const inputSchema = z.object({
  groupId: z.uuid(),
  userIds: z
    .array(z.uuid())
    .min(1)
    .max(100)
    .transform((ids) => [...new Set(ids)].sort()),
});

type ChangeRows = (
  entityManager: EntityManager,
  group: GroupEntity,
  userIds: readonly string[],
) => Promise<readonly string[]>;

/** Who is in which group. Asking again changes nothing. */
export class GroupMemberService {
  constructor(private readonly now: () => Date = () => new Date()) {}

  /**
   * Puts members into a group: all, or none.
   *
   * @throws AppError `NOT_FOUND` with `details.userIds` where some are no members of the tenant, `FORBIDDEN` where the group's role
   *   grants what the caller has not
   */
  async add(caller: Caller & AuditedCaller, input: unknown): Promise<GroupEntity> {
    return this.#change(caller, input, 'group.membersAdded', async (entityManager, group, userIds) => {
      const query = sqlOf(entityManager);
      const { id: groupId, tenantId } = group;
      const members = await query<{ readonly userId: string }>(
        'select user_id as "userId" from membership where tenant_id = $1 and user_id = any($2::uuid[])',
        [tenantId, userIds],
      );
      const known = new Set(members.map(({ userId }) => userId));
      const strangers = userIds.filter((userId) => !known.has(userId));
      if (strangers.length > 0) {
        throw new AppError('NOT_FOUND', 'Some are no members of the tenant', { details: { userIds: strangers } });
      }
      const added = await query<{ readonly userId: string }>(
        `insert into group_member (id, tenant_id, group_id, user_id, added_at)
         select id, $2, $3, user_id, $4 from unnest($1::uuid[], $5::uuid[]) as added (id, user_id)
         on conflict (group_id, user_id) do nothing returning user_id as "userId"`,
        [userIds.map(() => newId()), tenantId, groupId, this.now().toISOString(), userIds],
      );
      return added.map(({ userId }) => userId);
    });
  }

  /** Takes people out of a group; who is not in it stays so. @throws AppError `FORBIDDEN` as {@link add} */
  async remove(caller: Caller & AuditedCaller, input: unknown): Promise<GroupEntity> {
    return this.#change(caller, input, 'group.membersRemoved', async (entityManager, { id }, userIds) => {
      const removed = await sqlOf(entityManager)<{ readonly userId: string }>(
        'delete from group_member where group_id = $1 and user_id = any($2::uuid[]) returning user_id as "userId"',
        [id, userIds],
      );
      return removed.map(({ userId }) => userId);
    });
  }

  async #change(
    caller: Caller & AuditedCaller,
    input: unknown,
    action: string,
    changeRows: ChangeRows,
  ): Promise<GroupEntity> {
    const { principal, scope } = caller;
    const { tenantId } = requireMemberManager(principal);
    const { groupId, userIds } = parseInput(inputSchema, input);
    return scope.write(async (entityManager) => {
      const group = await lockGroup(entityManager, tenantId, groupId);
      await assertOwnRole(entityManager, principal, tenantId, group.role);
      const changed = [...(await changeRows(entityManager, group, userIds))].sort();
      if (changed.length === 0) return group;
      if (group.role !== null) await announceRights(sqlOf(entityManager), tenantId, changed, this.now);
      await report(entityManager, caller, action, group, { userIds: changed });
      return group;
    });
  }
}
