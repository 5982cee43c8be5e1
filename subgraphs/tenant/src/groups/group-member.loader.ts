import { encodeCursor, parsePageArguments, sqlOf, type Page, type PageArguments } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';

/** A member of a group. */
export interface GroupMember {
  readonly id: string;
  readonly groupId: string;
  readonly userId: string;
  readonly addedAt: Date;
}

/** As the driver reads it. */
type MemberRow = Omit<GroupMember, 'addedAt'> & { readonly addedAt: string };

/** One page of the members of one group. */
export interface GroupMembersKey {
  readonly groupId: string;
  readonly page: PageArguments;
}

const textOf = ({ page: { first, after } }: GroupMembersKey): string => JSON.stringify([first ?? null, after ?? null]);

/** Members by group and page: one query for all groups of which the same page is wanted. */
export function createGroupMembersLoader(scope: DataScope): DataLoader<GroupMembersKey, Page<GroupMember>, string> {
  const counts = createMemberCountLoader(scope);
  return new DataLoader(
    async (keys) => {
      const byPage = Map.groupBy(keys, textOf);
      const pages = new Map<GroupMembersKey, Page<GroupMember>>();
      for (const sameKeys of byPage.values()) {
        const [{ page }] = sameKeys as [GroupMembersKey];
        const { limit, afterId } = parsePageArguments(page);
        const groupIds = sameKeys.map(({ groupId }) => groupId);
        const found = await scope.read((entityManager) =>
          sqlOf(entityManager)<MemberRow>(pageSql, [groupIds, afterId ?? null, limit + 1]),
        );
        const members = found.map((row): GroupMember => ({ ...row, addedAt: new Date(row.addedAt) }));
        const byGroup = Map.groupBy(members, ({ groupId }) => groupId);
        for (const key of sameKeys) {
          const rows = byGroup.get(key.groupId) ?? [];
          pages.set(key, {
            rows: rows.slice(0, limit),
            hasNextPage: rows.length > limit,
            hasPreviousPage: afterId !== undefined,
            cursorOf: ({ id }) => encodeCursor(id),
            count: () => counts.load(key.groupId),
          });
        }
      }
      return keys.map((key) => pages.get(key) ?? new Error('A group was not asked for'));
    },
    { cacheKeyFn: (key) => `${key.groupId} ${textOf(key)}` },
  );
}

const pageSql = `select member.id, member.group_id as "groupId", member.user_id as "userId", member.added_at as "addedAt"
  from unnest($1::uuid[]) as wanted (id)
  cross join lateral (
    select * from group_member
    where group_id = wanted.id and ($2::uuid is null or id > $2) order by id limit $3
  ) as member
  order by member.id`;

function createMemberCountLoader(scope: DataScope): DataLoader<string, number> {
  return new DataLoader(async (groupIds) => {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<{ readonly groupId: string; readonly count: number }>(
        'select group_id as "groupId", count(*)::int as count from group_member where group_id = any($1::uuid[]) group by group_id',
        [[...groupIds]],
      ),
    );
    const byGroup = new Map(rows.map(({ groupId, count }) => [groupId, count]));
    return groupIds.map((groupId) => byGroup.get(groupId) ?? 0);
  });
}
