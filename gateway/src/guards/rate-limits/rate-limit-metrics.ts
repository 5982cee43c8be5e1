import type { Metrics } from '@tessera/service/metrics';
import type { RateRule, Verdict } from '@tessera/service/rate-limit';

/** Counts what limits decide. */
export interface RateLimitMetrics {
  decided(verdict: Verdict): void;
  degraded(isDegraded: boolean): void;
}

interface RuleCounters {
  allowed(): void;
  refused(): void;
}

export function createRateLimitMetrics(metrics: Metrics): RateLimitMetrics {
  const decisions = metrics.counter('rate_limit_decisions_total', 'Decisions of rate limits', ['rule', 'outcome']);
  const degraded = metrics.gauge(
    'rate_limit_degraded',
    'Whether limits are counted by this process alone (1) or shared (0)',
  );
  degraded.set(0);
  const counters = new Map<string, RuleCounters>();

  const countersOf = ({ name: rule }: RateRule): RuleCounters => {
    const known = counters.get(rule);
    if (known !== undefined) return known;
    // Bound once: finding a counter by its labels costs more than counting.
    const [allowed, refused] = [decisions.labels(rule, 'allowed'), decisions.labels(rule, 'refused')];
    const bound = { allowed: () => allowed.inc(), refused: () => refused.inc() };
    counters.set(rule, bound);
    return bound;
  };

  return {
    decided({ isAllowed, standings }) {
      for (const { rule, retryAfterMs } of standings) {
        if (isAllowed) countersOf(rule).allowed();
        else if (retryAfterMs > 0) countersOf(rule).refused();
      }
    },
    degraded: (isDegraded) => degraded.set(isDegraded ? 1 : 0),
  };
}
