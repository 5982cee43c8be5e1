import type { DataScope } from '@tessera/service/tenancy';
import { FileEntity } from '../files/file.entity.js';

const filesAtOnce = 100;

/** The next files of a tenant that are there, in the order of their ids. @param scope one that sees the tenant; this closes it */
export async function findNextFiles(
  scope: DataScope,
  tenantId: string,
  afterId: string | null,
): Promise<readonly FileEntity[]> {
  const where = { tenantId, status: 'READY' as const, ...(afterId !== null && { id: { $gt: afterId } }) };
  return scope
    .read((entityManager) => entityManager.find(FileEntity, where, { orderBy: { id: 'asc' }, limit: filesAtOnce }))
    .finally(() => scope.close());
}
