import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { readRights, type EffectiveRights } from './member-rights.js';

export interface MemberKey {
  readonly tenantId: string;
  readonly userId: string;
}

const textOf = ({ tenantId, userId }: MemberKey): string => `${tenantId} ${userId}`;

/** What members may do, one query for all; undefined for who is none. */
export function createMemberRightsLoader(scope: DataScope): DataLoader<MemberKey, EffectiveRights | undefined, string> {
  return new DataLoader(
    async (keys) => {
      const rights = await scope.read((entityManager) => readRights(sqlOf(entityManager), keys));
      const byKey = new Map(rights.map((each) => [textOf(each), each]));
      return keys.map((key) => byKey.get(textOf(key)));
    },
    { cacheKeyFn: textOf },
  );
}
