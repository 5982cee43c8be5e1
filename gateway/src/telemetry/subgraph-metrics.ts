import { LatencyTally, type Metrics } from '@tessera/service/metrics';
import type { SubgraphObserver, SubgraphOutcome } from '../registry/subgraph-observer.js';

const circuitValues = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What is counted of one subgraph: plain numbers, which are read when somebody scrapes. */
class SubgraphTally {
  readonly outcomes = new Map<SubgraphOutcome, number>();
  readonly latency = new LatencyTally();
}

/** Registers what is counted about subgraphs; every label is a subgraph's name or from a closed set. */
export function createSubgraphMetrics(metrics: Metrics): SubgraphObserver {
  const tallyOf = registerRequests(metrics);
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

  return {
    request({ subgraph, outcome, durationMs }) {
      const { outcomes, latency } = tallyOf(subgraph);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      // What was not sent took no time, and would make a subgraph that is down look fast.
      if (outcome !== 'refused') latency.add(durationMs / 1_000);
    },
    retry: (subgraph) => retries.inc({ subgraph }),
    shared: (subgraph) => shared.inc({ subgraph }),
    circuit: (subgraph, state) => circuit.set({ subgraph }, circuitValues[state]),
    instancesOut: (subgraph, count) => out.set({ subgraph }, count),
  };
}

function registerRequests(metrics: Metrics): (subgraph: string) => SubgraphTally {
  const subgraphs = new Map<string, SubgraphTally>();
  const labels = ['subgraph', 'outcome'] as const;
  metrics.sampledCounter('graphql_subgraph_requests_total', 'Requests to subgraphs', labels, function* () {
    for (const [subgraph, { outcomes }] of subgraphs) {
      for (const [outcome, value] of outcomes) yield { labels: { subgraph, outcome }, value };
    }
  });
  const help = 'Time a subgraph took to answer';
  metrics.sampledHistogram('graphql_subgraph_request_duration_seconds', help, ['subgraph'], function* () {
    for (const [subgraph, { latency }] of subgraphs) {
      yield { labels: { subgraph }, counts: latency.counts, sum: latency.sum };
    }
  });
  return (subgraph) => {
    const known = subgraphs.get(subgraph);
    if (known !== undefined) return known;
    const tally = new SubgraphTally();
    subgraphs.set(subgraph, tally);
    return tally;
  };
}
