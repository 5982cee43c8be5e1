import type { Logger } from '@tessera/service/logging';
import type { Metrics } from '@tessera/service/metrics';
import { createRateLimiter, type SharedBuckets } from '@tessera/service/rate-limit';
import type { GatewayConfig } from '../../config.js';
import type { Authenticate } from '../authenticate.js';
import { createRateLimitMetrics } from './rate-limit-metrics.js';
import type { RateRules } from './rate-rules.js';
import { createRateLimits, type RateLimits } from './rate-limits.js';
import { createTenantPlans } from './tenant-plans.js';

export interface OpenRateLimitsOptions {
  readonly rules: RateRules;
  readonly config: GatewayConfig;
  readonly sharedBuckets: SharedBuckets | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Puts a gateway's limits together as its settings have them. */
export function openRateLimits(authenticate: Authenticate, options: OpenRateLimitsOptions): RateLimits {
  const { rules, config, sharedBuckets: shared, logger } = options;
  const { TENANT_PLANS_URL: url, PRINCIPAL_SECRET: signingSecret } = config;
  const metrics = createRateLimitMetrics(options.metrics);
  return createRateLimits(authenticate, {
    rules,
    limiter: createRateLimiter({ shared, logger, onDegraded: (isDegraded) => metrics.degraded(isDegraded) }),
    sensitiveMutations: config.SENSITIVE_MUTATIONS,
    planOf:
      url === undefined || signingSecret === undefined ? undefined : createTenantPlans({ url, signingSecret, logger }),
    metrics,
  });
}
