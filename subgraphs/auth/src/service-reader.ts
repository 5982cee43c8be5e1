import type { DatabaseReader } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';

/** Reads as the service itself, for lists that belong to no tenant; each reading ends its transaction. */
export function createServiceReader(openScope: () => DataScope): DatabaseReader {
  return {
    async read(work) {
      const scope = openScope();
      try {
        return await scope.read(work);
      } finally {
        scope.close();
      }
    },
  };
}
