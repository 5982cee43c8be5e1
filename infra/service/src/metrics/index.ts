export { createMetrics, latencyBucketsSeconds, type Metrics, type MetricsOptions } from './registry.js';
