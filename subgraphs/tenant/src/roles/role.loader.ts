import { isBuiltInRole, permissionsOf } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { RoleEntity } from './role.entity.js';

export interface RoleKey {
  readonly tenantId: string;
  readonly name: string;
}

const textOf = ({ tenantId, name }: RoleKey): string => `${tenantId} ${name}`;

/** What roles grant, by tenant and name; one query for all that are not built in, and nothing for one that is gone. */
export function createPermissionsLoader(scope: DataScope): DataLoader<RoleKey, readonly string[], string> {
  return new DataLoader(
    async (keys) => {
      const own = keys.filter(({ name }) => !isBuiltInRole(name));
      const roles =
        own.length === 0 ? [] : await scope.read((entityManager) => entityManager.find(RoleEntity, { $or: own }));
      const byKey = new Map(roles.map((role) => [textOf(role), role.permissions]));
      return keys.map((key) =>
        isBuiltInRole(key.name) ? [...permissionsOf([key.name])] : (byKey.get(textOf(key)) ?? []),
      );
    },
    { cacheKeyFn: textOf },
  );
}
