import type { RateRule, Standing } from '@tessera/service/rate-limit';

/**
 * Tells a client how it stands (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/, version 10): each
 * policy with its quota and the seconds in which an empty one is full, and what is left of it.
 */
export function setRateLimitHeaders(standings: readonly Standing[], set: (name: string, value: string) => void): void {
  set('ratelimit-policy', standings.map(({ rule }) => policyOf(rule)).join(', '));
  set(
    'ratelimit',
    standings
      .map(({ rule: { name }, remaining, resetMs }) => `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`)
      .join(', '),
  );
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
