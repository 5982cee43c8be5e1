import type { Metrics } from '@tessera/service/metrics';
import { BusyLabels } from './busy-labels.js';
import type { ObservedOperation } from './observe-operation.js';
import { UseTally } from './use-tally.js';

export interface UseMetricsOptions {
  /** Names with series of their own; the rest is `other`. 0: nothing is counted, and nothing registered. */
  readonly maxLabels: number;
  /** Names that have a label before all others. */
  readonly isPreferred: (name: string) => boolean;
}

/** Adds an operation that is over to what is counted under a name. */
export type CountUse = (name: string | undefined, operation: ObservedOperation) => void;

/** What makes one number of a tally a counter. */
const sums = [
  ['cost_total', 'Sum of the estimated costs', (tally: UseTally) => tally.cost],
  ['measured_total', 'Executions whose answers were counted for their cost, a sample', (tally) => tally.measured],
  ['measured_cost_total', 'What the answers of the sample cost', (tally) => tally.measuredCost],
  ['subgraph_requests_total', 'Requests to subgraphs', (tally) => tally.subgraphRequests],
  ['plan_misses_total', 'Requests whose operation had to be planned', (tally) => tally.planMisses],
  ['local_answers_total', 'Queries answered without a request to a subgraph', (tally) => tally.localAnswers],
] as const satisfies readonly (readonly [name: string, help: string, read: (tally: UseTally) => number])[];

/**
 * Registers `graphql_operation_*` or `graphql_client_*`: what is counted by name. Names that do not run (refused) are only
 * counted under a label that is there, so nobody gets one by sending nonsense.
 */
export function createUseMetrics(
  metrics: Metrics,
  dimension: 'operation' | 'client',
  { maxLabels, isPreferred }: UseMetricsOptions,
): CountUse | undefined {
  if (maxLabels === 0) return undefined;
  const labels = new BusyLabels({ maxLabels, isPreferred, create: () => new UseTally() });
  const named = (label: string) => ({ [dimension]: label });
  const prefix = `graphql_${dimension}`;
  const by = `by name of the ${dimension}`;

  metrics.sampledCounter(
    `${prefix}_requests_total`,
    `Operations answered, ${by}`,
    [dimension, 'outcome'],
    function* () {
      for (const [label, { outcomes }] of labels.entries()) {
        for (const [outcome, value] of Object.entries(outcomes)) yield { labels: { ...named(label), outcome }, value };
      }
    },
  );
  metrics.sampledCounter(`${prefix}_errors_total`, `Answers by first error, ${by}`, [dimension, 'code'], function* () {
    for (const [label, { errors }] of labels.entries()) {
      for (const [code, value] of errors) yield { labels: { ...named(label), code }, value };
    }
  });
  metrics.sampledHistogram(`${prefix}_latency_seconds`, `Time to answer, ${by}; no streams`, [dimension], function* () {
    for (const [label, { latency }] of labels.entries()) {
      yield { labels: named(label), counts: latency.counts, sum: latency.sum };
    }
  });
  for (const [name, help, read] of sums) {
    metrics.sampledCounter(`${prefix}_${name}`, `${help}, ${by}`, [dimension], function* () {
      for (const [label, tally] of labels.entries()) yield { labels: named(label), value: read(tally) };
    });
  }
  return (name, operation) => {
    const isRunning = operation.kind !== 'unknown';
    (isRunning && name !== undefined ? labels.use(name) : labels.find(name)).add(operation);
  };
}
