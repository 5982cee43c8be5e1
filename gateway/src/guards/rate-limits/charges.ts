import type { Charge, RateRule } from '@tessera/service/rate-limit';
import type { RequestContext } from '../../context.js';
import type { RateRules, RulePair } from './rate-rules.js';

/** Who asks, as far as limits care. */
export type Asker = Pick<RequestContext, 'principal' | 'clientAddress' | 'setResponseHeader'>;

/** What is counted by address where nobody knows the address. */
export const addressOf = ({ clientAddress = 'unknown' }: Asker): string => clientAddress;

/**
 * What an operation takes from whose buckets, but for what is sensitive about it.
 *
 * @param tenantRules of the plan of the asker's tenant
 * @param cost at least 1
 */
export function chargesOf(asker: Asker, rules: RateRules, tenantRules: RulePair, cost: number): Charge[] {
  const charges: Charge[] = [];
  const add = ({ requests, cost: costRule }: RulePair, id: string, group: string): void => {
    addCharge(charges, requests, id, group, 1);
    addCharge(charges, costRule, id, group, cost);
  };
  const { kind, userId, tenantId, apiKeyId } = asker.principal;
  if (kind === 'anonymous') {
    const address = addressOf(asker);
    add(rules.anonymous, address, address);
    return charges;
  }
  const group = tenantId ?? userId ?? kind;
  if (apiKeyId !== undefined) add(rules.apiKey, apiKeyId, group);
  else if (userId !== undefined) add(rules.person, userId, group);
  if (tenantId !== undefined) add(tenantRules, tenantId, group);
  return charges;
}

/** Adds what a rule counts; nothing without a rule or without units. */
export function addCharge(
  charges: Charge[],
  rule: RateRule | undefined,
  id: string,
  group: string,
  units: number,
): void {
  if (rule !== undefined && units > 0) charges.push({ rule, id, group, units });
}
