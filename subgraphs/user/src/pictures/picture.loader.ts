import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { findAwaitingArrival } from '../profiles/await-arrival.js';
import { PictureEntity } from './picture.entity.js';

export type PictureLoader = DataLoader<string, PictureEntity | null>;

/** Pictures of the active tenant by the ids of their files. */
export function createPictureLoader(openScope: () => DataScope): PictureLoader {
  return new DataLoader(async (ids) => {
    const found = await readPictures(openScope(), ids);
    const byId = new Map(found.map((picture) => [picture.id, picture]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}

/** The same for files that have just been uploaded, whose events may still be on their way. */
export function createNewPictureLoader(openScope: () => DataScope): PictureLoader {
  return new DataLoader(async (ids) => {
    const found = await findAwaitingArrival(ids.filter(isId), (missing) => readPictures(openScope(), missing));
    return ids.map((id) => found.get(id) ?? null);
  });
}

async function readPictures(scope: DataScope, ids: readonly string[]): Promise<readonly PictureEntity[]> {
  if (ids.length === 0) return [];
  try {
    return await scope.read((entityManager) => entityManager.find(PictureEntity, { id: { $in: [...ids] } }));
  } finally {
    scope.close();
  }
}
