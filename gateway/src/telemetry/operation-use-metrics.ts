import type { Metrics } from '@tessera/service/metrics';

/** How a request's operation stood to the list; `unlisted` ran all the same. */
export type ListOutcome = 'id' | 'text' | 'unlisted' | 'refused';

/** One count that goes up. */
export interface Counting {
  inc(): void;
}

/** What is counted about registered operations. Every label is a name that somebody registered, or `other`. */
export interface OperationUseMetrics {
  /** Counts requests by client and how they stood to the list. */
  request(client: string, outcome: ListOutcome): Counting;
  /** Counts the uses of one operation by one client in one version. */
  use(operation: string, client: string, version: string): Counting;
}

/** More series than this would cost Prometheus more than they tell; the operations beyond are counted together. */
const maxSeries = 5_000;

/** Registers the metrics. */
export function createOperationUseMetrics(metrics: Metrics): OperationUseMetrics {
  const requests = metrics.counter(
    'graphql_registered_operation_requests_total',
    'Requests by how their operation stood to the registered ones',
    ['client', 'outcome'],
  );
  const uses = metrics.counter('graphql_registered_operation_uses_total', 'Uses of registered operations', [
    'operation',
    'client',
    'version',
  ]);
  // Finding a child by its labels costs more than counting; each is looked up once.
  const known = new Map<string, Counting>();
  const once = (key: string, make: () => Counting): Counting => {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
  return {
    request: (client, outcome) => once(`${outcome}\n${client}`, () => requests.labels({ client, outcome })),
    use(operation, client, version) {
      const key = `use\n${operation}\n${client}\n${version}`;
      const label = known.has(key) || known.size < maxSeries ? operation : 'other';
      return once(`use\n${label}\n${client}\n${version}`, () => uses.labels({ operation: label, client, version }));
    },
  };
}
