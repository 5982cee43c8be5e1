import type { Metrics } from '@tessera/service/metrics';
import type { RateRule, Verdict } from '@tessera/service/rate-limit';

/** Counts what limits decide. */
export interface RateLimitMetrics {
  decided(verdict: Verdict): void;
  degraded(isDegraded: boolean): void;
}

/** What is counted of one rule: plain numbers, which are read when somebody scrapes. */
interface RuleTally {
  allowed: number;
  refused: number;
}

/** Registers `rate_limit_decisions_total` and `rate_limit_degraded`; once a registry. */
export function createRateLimitMetrics(metrics: Metrics): RateLimitMetrics {
  const rules = new Map<string, RuleTally>();
  const labels = ['rule', 'outcome'] as const;
  metrics.sampledCounter('rate_limit_decisions_total', 'Decisions of rate limits', labels, function* () {
    for (const [rule, tally] of rules) {
      for (const [outcome, value] of Object.entries(tally)) yield { labels: { rule, outcome }, value };
    }
  });
  const degraded = metrics.gauge(
    'rate_limit_degraded',
    'Whether limits are counted by this process alone (1) or shared (0)',
  );
  degraded.set(0);

  const tallyOf = ({ name }: RateRule): RuleTally => {
    const known = rules.get(name);
    if (known !== undefined) return known;
    const tally = { allowed: 0, refused: 0 };
    rules.set(name, tally);
    return tally;
  };

  return {
    decided({ isAllowed, standings }) {
      for (const { rule, retryAfterMs } of standings) {
        if (isAllowed) tallyOf(rule).allowed += 1;
        else if (retryAfterMs > 0) tallyOf(rule).refused += 1;
      }
    },
    degraded: (isDegraded) => degraded.set(isDegraded ? 1 : 0),
  };
}
