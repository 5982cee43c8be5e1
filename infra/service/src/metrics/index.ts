export { createMetrics, latencyBucketsSeconds, type Metrics, type MetricsOptions } from './registry.js';
export { tenantUsageEventType, tenantUsageSchema, usageLatencyBoundsMs, type TenantUsage } from './tenant-usage.js';
