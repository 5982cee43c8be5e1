import { isId, sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';

/** How much one person stores in the active tenant. */
export interface PersonUsage {
  readonly bytes: number;
  readonly files: number;
}

const nothing: PersonUsage = { bytes: 0, files: 0 };

/** The words of the condition are those of the index `file_owner`. */
const readSql = `
  select owner_id::text as "ownerId", sum(size_bytes)::float8 as bytes, count(*)::int as files
  from file where tenant_id = $1 and owner_id = any($2::uuid[]) and status in ('PENDING', 'READY') group by owner_id`;

/** What people store in the active tenant; one query for all that a request asks for. */
export function createPersonUsageLoader(
  scope: DataScope,
  tenantId: string | undefined,
): DataLoader<string, PersonUsage> {
  return new DataLoader(async (userIds) => {
    const asked = userIds.filter(isId);
    if (tenantId === undefined || asked.length === 0) return userIds.map(() => nothing);
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<PersonUsage & { readonly ownerId: string }>(readSql, [tenantId, asked]),
    );
    const byOwner = new Map(rows.map((row) => [row.ownerId, row]));
    return userIds.map((userId) => byOwner.get(userId) ?? nothing);
  });
}
