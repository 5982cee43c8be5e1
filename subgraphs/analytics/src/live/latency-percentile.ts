import { usageLatencyBoundsMs } from '@tessera/service/metrics';

/**
 * Estimates a percentile from counts per latency bound, as if the requests of one bound were spread evenly over it. What
 * is slower than the last bound counts as that bound.
 *
 * @param counts one longer than the bounds
 * @param fraction e.g. 0.95
 * @returns milliseconds; undefined without a request
 */
export function latencyPercentile(counts: readonly number[], fraction: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = total * fraction;
  let below = 0;
  for (const [index, upperMs] of usageLatencyBoundsMs.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const lowerMs = usageLatencyBoundsMs[index - 1] ?? 0;
      return lowerMs + ((upperMs - lowerMs) * (rank - below)) / count;
    }
    below += count;
  }
  return usageLatencyBoundsMs.at(-1);
}
