import type { Metrics } from '@tessera/service/metrics';
import type { SubgraphObserver, SubgraphOutcome } from '../registry/subgraph-observer.js';

const circuitValues = { closed: 0, 'half-open': 1, open: 2 } as const;

interface RequestMetrics {
  readonly outcomes: Partial<Record<SubgraphOutcome, { inc(): void }>>;
  readonly seconds: { observe(value: number): void };
}

/** Registers what is counted about subgraphs; every label is a subgraph's name or from a closed set. */
export function createSubgraphMetrics(metrics: Metrics): SubgraphObserver {
  const requests = metrics.counter('graphql_subgraph_requests_total', 'Requests to subgraphs', ['subgraph', 'outcome']);
  const seconds = metrics.histogram('graphql_subgraph_request_duration_seconds', 'Time a subgraph took to answer', [
    'subgraph',
  ]);
  const retries = metrics.counter('graphql_subgraph_retries_total', 'Requests sent a second time', ['subgraph']);
  const shared = metrics.counter(
    'graphql_subgraph_shared_requests_total',
    'Queries that were answered by an equal one of the same caller that was under way',
    ['subgraph'],
  );
  const circuit = metrics.gauge(
    'graphql_subgraph_circuit_state',
    'Whether a subgraph is asked: 0 it is, 1 one request tries, 2 it is not',
    ['subgraph'],
  );
  const out = metrics.gauge('graphql_subgraph_instances_out', 'Instances that are put out for failing', ['subgraph']);

  // Finding a child by its labels costs more than counting; each is looked up once.
  const known = new Map<string, RequestMetrics>();
  const metricsOf = (subgraph: string): RequestMetrics => {
    const found = known.get(subgraph) ?? { outcomes: {}, seconds: seconds.labels({ subgraph }) };
    known.set(subgraph, found);
    return found;
  };

  return {
    request({ subgraph, outcome, durationMs }) {
      const own = metricsOf(subgraph);
      (own.outcomes[outcome] ??= requests.labels({ subgraph, outcome })).inc();
      // What was not sent took no time, and would make a subgraph that is down look fast.
      if (outcome !== 'refused') own.seconds.observe(durationMs / 1_000);
    },
    retry: (subgraph) => retries.inc({ subgraph }),
    shared: (subgraph) => shared.inc({ subgraph }),
    circuit: (subgraph, state) => circuit.set({ subgraph }, circuitValues[state]),
    instancesOut: (subgraph, count) => out.set({ subgraph }, count),
  };
}
