import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { AlertRuleEntity } from './alert-rule.entity.js';

/** Rules by id, as far as the caller may see them; deleted ones too, for the alerts that they raised. */
export function createAlertRuleLoader(scope: DataScope): DataLoader<string, AlertRuleEntity | null> {
  return new DataLoader(async (ids) => {
    const rules = await scope.read((entityManager) => entityManager.find(AlertRuleEntity, { id: { $in: [...ids] } }));
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
