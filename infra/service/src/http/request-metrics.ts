import type { Metrics } from '../metrics/index.js';

/** Counts HTTP requests; every label is from a closed set. */
export interface RequestMetrics {
  /** @param seconds undefined where the time to answer means nothing */
  observe(method: string, status: number, seconds: number | undefined): void;
}

/** Registers the metrics of an HTTP server; once a registry. */
export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const requests = metrics.counter('http_requests_total', 'HTTP requests answered', ['method', 'status']);
  const seconds = metrics.histogram('http_request_duration_seconds', 'Time to answer an HTTP request', ['method']);
  return {
    observe(method, status, durationSeconds) {
      requests.inc({ method, status: String(status) });
      if (durationSeconds !== undefined) seconds.observe({ method }, durationSeconds);
    },
  };
}
