import {
  maxPageSize,
  parsePageArguments,
  sqlOf,
  type DatabaseReader,
  type Page,
  type PageArguments,
} from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { z } from 'zod';
import { ProfileEntity } from '../profiles/profile.entity.js';
import type { MembershipStatus } from './member-status.js';

/** The functions of which the index `tenant_member_name` needs that they are leakproof. */
export const searchFunctions: readonly string[] = ['word_similarity_commutator_op(text, text)'];

/**
 * Whether trigrams can find a text: two letters of a word that begins so are enough to be similar to it, one is not. Of other
 * scripts than the Latin one it depends on the database's locale whether they have any.
 */
export const hasTrigrams = (text: string): boolean => /^\p{ASCII}*[a-z0-9]{2}\p{ASCII}*$/iu.test(text);

/** Each status has its index, which is chosen by these very words. */
const matchesOf = (status: MembershipStatus): string =>
  `from tenant_member where tenant_id = $1 and ${status === 'ACTIVE' ? 'is_active' : 'is_deactivated'} and name %> $2`;

const pageSqlOf = (status: MembershipStatus): string => `
  select user_id as id, score from
    (select user_id, word_similarity($2, name) as score ${matchesOf(status)}) as found
  where $3::real is null or score < $3::real or (score = $3::real and user_id > $4::uuid)
  order by score desc, user_id limit $5`;

/** Who is looked for. */
export interface MemberSearch {
  readonly tenantId: string;
  readonly text: string;
  readonly status: MembershipStatus;
}

interface Match {
  readonly id: string;
  readonly score: number;
}

const cursorSchema = z.object({ score: z.number().min(0).max(1), id: z.uuid() });

/**
 * Members of a tenant of whose names a word begins with a text or is spelt like it, the most similar first. Pages by keyset:
 * what a page costs does not depend on its number.
 */
export async function findMembers(
  reader: DatabaseReader,
  { tenantId, text, status }: MemberSearch,
  { first, after }: PageArguments,
): Promise<Page<ProfileEntity>> {
  const { limit } = parsePageArguments({ first });
  const cursor = after === undefined || after === null ? undefined : parseCursor(after);
  const parameters = [tenantId, text, cursor?.score ?? null, cursor?.id ?? null, Math.min(limit, maxPageSize) + 1];
  return reader.read(async (entityManager) => {
    const query = sqlOf(entityManager);
    const found = await query<Match>(pageSqlOf(status), parameters);
    const page = found.slice(0, limit);
    const profiles = await entityManager.find(ProfileEntity, { id: { $in: page.map(({ id }) => id) } });
    const byId = new Map(profiles.map((profile) => [profile.id, profile]));
    const scores = new Map(page.map(({ id, score }) => [id, score]));
    return {
      rows: page.flatMap(({ id }) => byId.get(id) ?? []),
      hasNextPage: found.length > limit,
      hasPreviousPage: cursor !== undefined,
      cursorOf: ({ id }) => Buffer.from(JSON.stringify({ score: scores.get(id), id })).toString('base64url'),
      count: () => countMembers(reader, { tenantId, text, status }),
    };
  });
}

async function countMembers(reader: DatabaseReader, { tenantId, text, status }: MemberSearch): Promise<number> {
  const [counted] = await reader.read((entityManager) =>
    sqlOf(entityManager)<{ count: number }>(`select count(*)::int as count ${matchesOf(status)}`, [tenantId, text]),
  );
  return counted?.count ?? 0;
}

function parseCursor(after: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', 'Argument after is not a cursor of this list', { cause: error });
  }
}
