import { usageLatencyBoundsMs, type TenantUsage } from '@tessera/service/metrics';
import { latencyPercentile } from './latency-percentile.js';
import type { LiveSample } from './live-sample.js';

/** The numbers of one moment. Rates are per second, `errorRate` is a share of the requests, latencies are milliseconds. */
export interface LiveNumbers {
  readonly eventsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly errorRate: number;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly latencyP99Ms: number;
  readonly activeConnections: number;
  readonly activeUsers: number;
}

interface Slice {
  eventsPerSecond: number;
  requestsPerSecond: number;
  errorsPerSecond: number;
  readonly latencyCounts: number[];
}

interface Gauge {
  readonly expiresAtMs: number;
  readonly usage: TenantUsage;
}

export const windowMs = 5_000;
const sliceMs = 100;
/** A gateway that has been silent for so long, or for three of its own windows, is gone. */
const minGaugeLifeMs = 15_000;
/** How long numbers are given out again instead of being computed anew, for many subscribers at once. */
const snapshotLifeMs = 50;

const emptySlice = (): Slice => ({
  eventsPerSecond: 0,
  requestsPerSecond: 0,
  errorsPerSecond: 0,
  latencyCounts: new Array<number>(usageLatencyBoundsMs.length + 1).fill(0),
});

/**
 * What happened in one tenant in the last seconds. Samples are merged into slices of time, so that its size does not grow
 * with their number. Times are milliseconds of one clock.
 */
export class LiveWindow {
  /** By the number of the slice at whose end they are forgotten. */
  readonly #slices = new Map<number, Slice>();
  readonly #gauges = new Map<string, Gauge>();
  #latest: { readonly atMs: number; readonly numbers: LiveNumbers } | undefined;

  add(sample: LiveSample, atMs: number): void {
    if (sample.kind === 'events') {
      this.#sliceFor(atMs + windowMs).eventsPerSecond += (sample.events * 1_000) / windowMs;
      return;
    }
    const { usage } = sample;
    // A report of a longer time than ours is spread over that time.
    const spanMs = Math.max(windowMs, usage.windowMs);
    const slice = this.#sliceFor(atMs + spanMs);
    slice.requestsPerSecond += (usage.requests * 1_000) / spanMs;
    slice.errorsPerSecond += (usage.errors * 1_000) / spanMs;
    addCounts(slice.latencyCounts, usage.latencyCounts);
    this.#gauges.set(usage.gatewayId, { usage, expiresAtMs: atMs + Math.max(minGaugeLifeMs, 3 * usage.windowMs) });
  }

  snapshot(atMs: number): LiveNumbers {
    if (this.#latest === undefined || atMs - this.#latest.atMs > snapshotLifeMs) {
      this.#forget(atMs);
      this.#latest = { atMs, numbers: this.#compute() };
    }
    return this.#latest.numbers;
  }

  #sliceFor(expiresAtMs: number): Slice {
    const key = Math.ceil(expiresAtMs / sliceMs);
    const slice = this.#slices.get(key) ?? emptySlice();
    this.#slices.set(key, slice);
    return slice;
  }

  #forget(atMs: number): void {
    for (const key of this.#slices.keys()) if (key * sliceMs <= atMs) this.#slices.delete(key);
    for (const [gatewayId, { expiresAtMs }] of this.#gauges) if (expiresAtMs <= atMs) this.#gauges.delete(gatewayId);
  }

  #compute(): LiveNumbers {
    const total = emptySlice();
    for (const slice of this.#slices.values()) {
      total.eventsPerSecond += slice.eventsPerSecond;
      total.requestsPerSecond += slice.requestsPerSecond;
      total.errorsPerSecond += slice.errorsPerSecond;
      addCounts(total.latencyCounts, slice.latencyCounts);
    }
    const gauges = [...this.#gauges.values()].map(({ usage }) => usage);
    return {
      eventsPerSecond: total.eventsPerSecond,
      requestsPerSecond: total.requestsPerSecond,
      errorRate: total.requestsPerSecond === 0 ? 0 : total.errorsPerSecond / total.requestsPerSecond,
      latencyP50Ms: latencyPercentile(total.latencyCounts, 0.5) ?? 0,
      latencyP95Ms: latencyPercentile(total.latencyCounts, 0.95) ?? 0,
      latencyP99Ms: latencyPercentile(total.latencyCounts, 0.99) ?? 0,
      activeConnections: gauges.reduce((sum, { activeConnections }) => sum + activeConnections, 0),
      activeUsers: new Set(gauges.flatMap(({ userIds }) => userIds)).size,
    };
  }
}

function addCounts(to: number[], counts: readonly number[]): void {
  for (const [index, count] of counts.entries()) to[index] = (to[index] ?? 0) + count;
}
