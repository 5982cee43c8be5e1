import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds, in seconds, of every latency histogram: from a cache hit to a request that nearly timed out. */
export const latencyBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of one service. Labels come from closed sets: never a user, a tenant or a query's text. */
export interface Metrics {
  readonly registry: Registry;
  counter<Label extends string>(name: string, help: string, labels?: readonly Label[]): Counter<Label>;
  gauge<Label extends string>(name: string, help: string, labels?: readonly Label[]): Gauge<Label>;
  /** A gauge whose value is read when it is scraped. */
  sampledGauge(name: string, help: string, read: () => number | Promise<number>): void;
  histogram<Label extends string>(name: string, help: string, labels?: readonly Label[]): Histogram<Label>;
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
    histogram: (name, help, labels = []) =>
      new Histogram({ name, help, labelNames: labels, buckets: latencyBucketsSeconds, registers }),
  };
}
