import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { latencyBucketsSeconds } from './latency-buckets.js';
import {
  registerAskedGauge,
  registerSampledCounter,
  registerSampledHistogram,
  type SampledCount,
  type SampledDistribution,
} from './sampled-metrics.js';

/** The metrics of one service. Labels come from closed sets: never a user, a tenant or a query's text. */
export interface Metrics {
  readonly registry: Registry;
  counter<Label extends string>(name: string, help: string, labels?: readonly Label[]): Counter<Label>;
  gauge<Label extends string>(name: string, help: string, labels?: readonly Label[]): Gauge<Label>;
  /** A gauge whose value is read when it is scraped. */
  sampledGauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** A gauge whose series another server is asked for when it is scraped; without an answer within a second there are none. */
  askedGauge<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => Promise<Iterable<SampledCount<Label>>>,
  ): void;
  /** A counter whose series are read when it is scraped. */
  sampledCounter<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => Iterable<SampledCount<Label>>,
  ): void;
  histogram<Label extends string>(name: string, help: string, labels?: readonly Label[]): Histogram<Label>;
  /** A histogram of latencies, in {@link latencyBucketsSeconds}, whose series are read when it is scraped. */
  sampledHistogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    read: () => Iterable<SampledDistribution<Label>>,
  ): void;
}

export interface MetricsOptions {
  readonly service: string;
  /** Node's own metrics (heap, event loop, handles); once per process is enough. */
  readonly withProcessMetrics: boolean;
}

export function createMetrics({ service, withProcessMetrics }: MetricsOptions): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (withProcessMetrics) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    counter: (name, help, labels = []) => new Counter({ name, help, labelNames: labels, registers }),
    gauge: (name, help, labels = []) => new Gauge({ name, help, labelNames: labels, registers }),
    sampledGauge: (name, help, read) => {
      registry.registerMetric(
        new Gauge({
          name,
          help,
          registers: [],
          async collect() {
            this.set(await read());
          },
        }),
      );
    },
    askedGauge: (name, help, labels, read) => registerAskedGauge(registry, { name, help, labels, read }),
    sampledCounter: (name, help, labels, read) => registerSampledCounter(registry, { name, help, labels, read }),
    sampledHistogram: (name, help, labels, read) =>
      registerSampledHistogram(registry, { name, help, labels, read }, latencyBucketsSeconds),
    histogram: (name, help, labels = []) =>
      new Histogram({ name, help, labelNames: labels, buckets: latencyBucketsSeconds, registers }),
  };
}
