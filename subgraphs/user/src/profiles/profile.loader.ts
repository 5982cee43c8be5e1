import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { findAwaitingArrival } from './await-arrival.js';
import { ProfileEntity } from './profile.entity.js';

/**
 * Profiles by id, as far as the caller may see them.
 *
 * @param openScope the caller's view of the database, apart from the request's: see {@link findAwaitingArrival}
 */
export function createProfileLoader(openScope: () => DataScope): DataLoader<string, ProfileEntity | null> {
  return new DataLoader(async (ids) => {
    const wellFormed = ids.filter((id) => isId(id));
    const found = await findAwaitingArrival(wellFormed, (missing) => readProfiles(openScope(), missing));
    return ids.map((id) => found.get(id) ?? null);
  });
}

/** For a caller who sees no profile at all, and need not wait to learn it. */
export function createEmptyProfileLoader(): DataLoader<string, ProfileEntity | null> {
  return new DataLoader(async (ids) => ids.map(() => null));
}

async function readProfiles(scope: DataScope, ids: readonly string[]): Promise<readonly ProfileEntity[]> {
  if (ids.length === 0) return [];
  try {
    return await scope.read((entityManager) => entityManager.find(ProfileEntity, { id: { $in: [...ids] } }));
  } finally {
    scope.close();
  }
}
