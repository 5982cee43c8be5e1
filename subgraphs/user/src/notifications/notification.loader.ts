import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { NotificationEntity } from './notification.entity.js';

/** The caller's notifications by id; nobody else's exist for them. */
export function createNotificationLoader(scope: DataScope): DataLoader<string, NotificationEntity | null> {
  return new DataLoader(async (ids) => {
    const wellFormed = ids.filter(isId);
    if (wellFormed.length === 0) return ids.map(() => null);
    const found = await scope.read((entityManager) =>
      entityManager.find(NotificationEntity, { id: { $in: wellFormed } }),
    );
    const byId = new Map(found.map((notification) => [notification.id, notification]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
