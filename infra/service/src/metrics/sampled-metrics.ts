import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { withDeadline } from '../deadline/index.js';

/** One series of a counter or gauge whose numbers somebody else keeps. */
export interface SampledCount<Label extends string> {
  readonly labels: Readonly<Partial<Record<Label, string>>>;
  readonly value: number;
}

/** One series of a histogram whose numbers somebody else keeps. */
export interface SampledDistribution<Label extends string> {
  readonly labels: Readonly<Partial<Record<Label, string>>>;
  /** Observations by bucket, each by itself; one more than there are bounds, for what is above the last. */
  readonly counts: ArrayLike<number>;
  /** The sum of all that was observed. */
  readonly sum: number;
}

interface SampledOptions<Label extends string, Series> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
  /** The series there are now; one that is missing is not shown any more. */
  readonly read: () => Iterable<Series>;
}

/** Registers a counter that is read when it is scraped: whoever counts adds to a number, and no labels are looked up. */
export function registerSampledCounter<Label extends string>(
  registry: Registry,
  { name, help, labels, read }: SampledOptions<Label, SampledCount<Label>>,
): void {
  class SampledCounter extends Counter<Label> {
    override async get() {
      return { ...(await super.get()), values: [...read()].map(({ labels: own, value }) => ({ labels: own, value })) };
    }
  }
  registry.registerMetric(new SampledCounter({ name, help, labelNames: labels, registers: [] }));
}

/** Longer than this no scrape waits for another server. */
const maxAskingMs = 1_000;

interface AskedOptions<Label extends string> extends Omit<SampledOptions<Label, SampledCount<Label>>, 'read'> {
  /** Asks another server for the series there are now. */
  readonly read: () => Promise<Iterable<SampledCount<Label>>>;
}

/** Registers a gauge whose series another server knows: while that does not answer in time there are none, and all others are shown. */
export function registerAskedGauge<Label extends string>(
  registry: Registry,
  { name, help, labels, read }: AskedOptions<Label>,
): void {
  const ask = () => withDeadline(read(), maxAskingMs, name).catch((): Iterable<SampledCount<Label>> => []);
  class AskedGauge extends Gauge<Label> {
    override async get() {
      const values = [...(await ask())].map(({ labels: own, value }) => ({ labels: own, value }));
      return { ...(await super.get()), values };
    }
  }
  registry.registerMetric(new AskedGauge({ name, help, labelNames: labels, registers: [] }));
}

/** Registers a histogram that is read when it is scraped. @param bounds upper bounds of its buckets, ascending */
export function registerSampledHistogram<Label extends string>(
  registry: Registry,
  { name, help, labels, read }: SampledOptions<Label, SampledDistribution<Label>>,
  bounds: readonly number[],
): void {
  const configuration = { name, help, labelNames: labels, buckets: [...bounds], registers: [] };
  const described = new Histogram<Label>(configuration);
  class SampledHistogram extends Histogram<Label> {
    override async get() {
      return { ...(await described.get()), values: [...read()].flatMap((series) => seriesOf(name, series, bounds)) };
    }

    /** What prom-client asks of a histogram instead, when it writes text. */
    getForPromString() {
      return this.get();
    }
  }
  registry.registerMetric(new SampledHistogram(configuration));
}

/** A histogram's lines: its buckets add up, as Prometheus wants them. */
function seriesOf<Label extends string>(
  name: string,
  { labels, counts, sum }: SampledDistribution<Label>,
  bounds: readonly number[],
) {
  let count = 0;
  const buckets = [...bounds.map(String), '+Inf'].map((bound, index) => {
    count += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
