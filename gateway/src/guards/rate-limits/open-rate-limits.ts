import type { Logger } from '@tessera/service/logging';
import type { Metrics } from '@tessera/service/metrics';
import { createRateLimiter, type SharedBuckets } from '@tessera/service/rate-limit';
import type { GatewayConfig } from '../../config.js';
import type { Authenticate } from '../authenticate.js';
import type { TenantDirectory } from '../tenants/tenant-directory.js';
import { createRateLimitMetrics } from './rate-limit-metrics.js';
import type { RateRules } from './rate-rules.js';
import { createRateLimits, type PlanOf, type RateLimits } from './rate-limits.js';

export interface OpenRateLimitsOptions {
  readonly rules: RateRules;
  readonly config: GatewayConfig;
  readonly sharedBuckets: SharedBuckets | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Knows tenants' plans; without it every tenant has the plan `*`. */
  readonly tenants: TenantDirectory | undefined;
}

/** Puts a gateway's limits together as its settings have them. */
export function openRateLimits(authenticate: Authenticate, options: OpenRateLimitsOptions): RateLimits {
  const { rules, config, sharedBuckets: shared, logger, tenants } = options;
  const metrics = createRateLimitMetrics(options.metrics);
  return createRateLimits(authenticate, {
    rules,
    limiter: createRateLimiter({ shared, logger, onDegraded: (isDegraded) => metrics.degraded(isDegraded) }),
    sensitiveMutations: config.SENSITIVE_MUTATIONS,
    planOf: tenants && planFrom(tenants),
    metrics,
  });
}

function planFrom(tenants: TenantDirectory): PlanOf {
  return (tenantId) => {
    const facts = tenants.factsOf(tenantId);
    return facts instanceof Promise ? facts.then(({ plan }) => plan) : facts.plan;
  };
}
