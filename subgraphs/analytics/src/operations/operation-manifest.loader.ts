import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { readOperations, type ManifestOperationRow } from './manifest-store.js';

/** Operations by manifest; one query for all manifests that a request asks about. Only for who may see manifests at all. */
export function createManifestOperationsLoader(
  serviceScope: () => DataScope,
): DataLoader<string, readonly ManifestOperationRow[]> {
  return new DataLoader(async (manifestIds) => {
    const scope = serviceScope();
    try {
      const rows = await scope.read((entityManager) => readOperations(sqlOf(entityManager), manifestIds));
      const byManifest = Map.groupBy(rows, ({ manifest_id }) => manifest_id);
      return manifestIds.map((id) => byManifest.get(id) ?? []);
    } finally {
      scope.close();
    }
  });
}
