import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { AlertEntity } from './alert.entity.js';

/** Alerts by id, as far as the caller may see them. */
export function createAlertLoader(scope: DataScope): DataLoader<string, AlertEntity | null> {
  return new DataLoader(async (ids) => {
    const alerts = await scope.read((entityManager) => entityManager.find(AlertEntity, { id: { $in: [...ids] } }));
    const byId = new Map(alerts.map((alert) => [alert.id, alert]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
