import type { RunSql } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { isBuiltInRole, permissionsOf } from '@tessera/service/identity';
import { beyondRole, memberRightsEventType, type MemberRights } from '@tessera/service/tenancy';

/** What somebody may do in a tenant: what their own role grants, and the roles of their groups. */
export interface EffectiveRights {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: string;
  readonly permissions: readonly string[];
  /** Whether a group adds to their own role. */
  readonly isGrouped: boolean;
  /** How often rights in the tenant had changed. */
  readonly rightsVersion: number;
}

interface RightsRow {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: string;
  readonly rightsVersion: number;
  readonly groupRoles: readonly string[];
  /** Of roles of the tenant's own making. */
  readonly granted: readonly string[];
}

/** So many people are told of in one event. */
const batchSize = 200;

/** What these members may do, as of one moment: one statement, so that the version is that of the rights. */
export async function readRights(
  query: RunSql,
  members: readonly { readonly tenantId: string; readonly userId: string }[],
): Promise<readonly EffectiveRights[]> {
  const rows = await query<RightsRow>(rightsSql, [
    members.map(({ tenantId }) => tenantId),
    members.map(({ userId }) => userId),
  ]);
  return rows.map(({ groupRoles, granted, ...member }) => {
    const builtIn = permissionsOf([member.role, ...groupRoles].filter(isBuiltInRole));
    const permissions = [...new Set([...builtIn, ...granted])].sort();
    return { ...member, permissions, isGrouped: groupRoles.length > 0 };
  });
}

const rightsSql = `
  select member.tenant_id as "tenantId", member.user_id as "userId", member.role, tenant.rights_version as "rightsVersion",
    grouped.roles as "groupRoles",
    array(select distinct permission from role cross join unnest(role.permissions) as permission
      where role.tenant_id = member.tenant_id and (role.name = member.role or role.name = any(grouped.roles))) as granted
  from unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, user_id)
  join membership as member on member.tenant_id = wanted.tenant_id and member.user_id = wanted.user_id
  join tenant on tenant.id = member.tenant_id
  cross join lateral (
    select array(select distinct member_group.role from group_member join member_group on member_group.id = group_member.group_id
      where group_member.tenant_id = member.tenant_id and group_member.user_id = member.user_id
        and member_group.role is not null) as roles
  ) as grouped`;

/**
 * Tells auth what these people may do from now on, in the transaction that changed it. The caller holds the tenant's lock, so
 * that versions have the order of what they tell of.
 */
export async function announceRights(
  query: RunSql,
  tenantId: string,
  userIds: readonly string[],
  now: () => Date,
): Promise<void> {
  if (userIds.length === 0) return;
  const [bumped] = await query<{ readonly version: number }>(
    'update tenant set rights_version = rights_version + 1 where id = $1 returning rights_version as version',
    [tenantId],
  );
  const version = bumped?.version ?? 0;
  const rights = await readRights(
    query,
    userIds.map((userId) => ({ tenantId, userId })),
  );
  const byUser = new Map(rights.map((each) => [each.userId, each]));
  for (let start = 0; start < userIds.length; start += batchSize) {
    const members = userIds.slice(start, start + batchSize).map((userId) => toNews(userId, byUser.get(userId)));
    const payload = { version, members: members.map((member) => ({ ...member })) };
    await appendToOutbox(query, [createDomainEvent({ type: memberRightsEventType, tenantId, payload }, now)]);
  }
}

/** Of who is no member any more nothing is left. */
function toNews(userId: string, rights: EffectiveRights | undefined): MemberRights['members'][number] {
  if (rights === undefined) return { userId, permissions: null, isGrouped: false };
  return { userId, permissions: beyondRole(rights.role, rights.permissions), isGrouped: rights.isGrouped };
}

/** The members of whom a group adds to what they may do, and who have a role themselves or by a group. */
export async function groupedMembersWith(query: RunSql, tenantId: string, role: string): Promise<readonly string[]> {
  const rows = await query<{ readonly userId: string }>(
    `select distinct member.user_id as "userId" from membership as member
     join group_member on group_member.tenant_id = member.tenant_id and group_member.user_id = member.user_id
     join member_group on member_group.id = group_member.group_id and member_group.role is not null
     where member.tenant_id = $1 and (member.role = $2 or member_group.role = $2) order by 1`,
    [tenantId, role],
  );
  return rows.map(({ userId }) => userId);
}
