import { LatencyTally, type Metrics } from '../metrics/index.js';

/** Counts HTTP requests; every label is from a closed set. */
export interface RequestMetrics {
  /** @param seconds undefined where the time to answer means nothing */
  observe(method: string, status: number, seconds: number | undefined): void;
}

/** What is counted of one method. */
class MethodTally {
  readonly byStatus = new Map<number, number>();
  readonly latency = new LatencyTally();
}

/**
 * Registers the metrics of an HTTP server; once a registry. They are plain numbers that are read when somebody scrapes: finding
 * a series by its labels would cost every request more than counting.
 */
export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const methods = new Map<string, MethodTally>();
  const tallyOf = (method: string): MethodTally => {
    const known = methods.get(method);
    if (known !== undefined) return known;
    const tally = new MethodTally();
    methods.set(method, tally);
    return tally;
  };
  const requestLabels = ['method', 'status'] as const;
  metrics.sampledCounter('http_requests_total', 'HTTP requests answered', requestLabels, function* () {
    for (const [method, { byStatus }] of methods) {
      for (const [status, value] of byStatus) yield { labels: { method, status: String(status) }, value };
    }
  });
  metrics.sampledHistogram('http_request_duration_seconds', 'Time to answer an HTTP request', ['method'], function* () {
    for (const [method, { latency }] of methods) {
      yield { labels: { method }, counts: latency.counts, sum: latency.sum };
    }
  });
  return {
    observe(method, status, seconds) {
      const { byStatus, latency } = tallyOf(method);
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      if (seconds !== undefined) latency.add(seconds);
    },
  };
}
