import type { RateRule, Standing } from '@tessera/service/rate-limit';

/**
 * Tells a client how it stands (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/, version 10): each
 * policy with its quota and the seconds in which an empty one is full, and what is left of it.
 */
export function setRateLimitHeaders(standings: readonly Standing[], set: (name: string, value: string) => void): void {
  let policy = '';
  let limit = '';
  for (const { rule, remaining, resetMs } of standings) {
    const separator = policy === '' ? '' : ', ';
    policy += separator + policyOf(rule);
    limit += `${separator}"${rule.name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`;
  }
  set('ratelimit-policy', policy);
  set('ratelimit', limit);
}

const policies = new WeakMap<RateRule, string>();

function policyOf(rule: RateRule): string {
  const known = policies.get(rule);
  if (known !== undefined) return known;
  const { burst, capacityMs } = rule.rate;
  const policy = `"${rule.name}";q=${burst};w=${Math.ceil(capacityMs / 1_000)}`;
  policies.set(rule, policy);
  return policy;
}
