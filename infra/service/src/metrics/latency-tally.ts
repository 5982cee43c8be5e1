import { latencyBucketsSeconds } from './latency-buckets.js';

/** One series of a sampled histogram, as plain numbers: to add to it costs no look-up of labels. */
export class LatencyTally {
  /** By bucket of {@link latencyBucketsSeconds}, the last for what took longer. */
  readonly counts = new Float64Array(latencyBucketsSeconds.length + 1);
  /** Seconds. */
  sum = 0;

  add(seconds: number): void {
    let bucket = 0;
    while (seconds > (latencyBucketsSeconds[bucket] ?? Infinity)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += seconds;
  }
}
