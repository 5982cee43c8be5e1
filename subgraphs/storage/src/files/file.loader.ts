import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { FileEntity } from './file.entity.js';

/** Files of the active tenant by id; what is deleted or was never uploaded does not exist. */
export function createFileLoader(scope: DataScope): DataLoader<string, FileEntity | null> {
  return new DataLoader(async (ids) => {
    const wellFormed = ids.filter((id) => isId(id));
    if (wellFormed.length === 0) return ids.map(() => null);
    const files = await scope.read((entityManager) =>
      entityManager.find(FileEntity, { id: { $in: wellFormed }, status: { $in: ['PENDING', 'READY'] } }),
    );
    const byId = new Map(files.map((file) => [file.id, file]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
