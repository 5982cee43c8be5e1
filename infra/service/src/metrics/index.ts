export { latencyBucketsSeconds } from './latency-buckets.js';
export { LatencyTally } from './latency-tally.js';
export { createMetrics, type Metrics, type MetricsOptions } from './registry.js';
export type { SampledCount, SampledDistribution } from './sampled-metrics.js';
export { tenantUsageEventType, tenantUsageSchema, usageLatencyBoundsMs, type TenantUsage } from './tenant-usage.js';
