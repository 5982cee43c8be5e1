export { createRateLimiter, type CreateRateLimiterOptions } from './create-rate-limiter.js';
export {
  createInProcessRateLimiter,
  type InProcessRateLimiter,
  type InProcessRateLimiterOptions,
} from './in-process-rate-limiter.js';
export { createRate, namedRatesField, parseRate, rateField, type Rate } from './rate.js';
export type { Charge, RateLimiter, RateRule, Standing, Verdict } from './rate-limiter.js';
export { createRedisRateLimiter, type RedisRateLimiterOptions, type SharedBuckets } from './redis-rate-limiter.js';
