import type { Metrics } from '@tessera/service/metrics';
import type { GatewayConfig } from './config.js';
import type { OperationList } from './operations/registered/operation-list.js';
import type { UseCounts } from './telemetry/observe-operation.js';
import { createUseMetrics } from './telemetry/use-metrics.js';

/** Counts by the names of operations and clients; those that somebody registered or configured have a label first. */
export function createUseCounts(
  config: GatewayConfig,
  metrics: Metrics,
  registered: { readonly list: OperationList },
): UseCounts {
  const { METRICS_MAX_OPERATIONS, METRICS_MAX_CLIENTS, PERSISTED_OPERATIONS_BY_CLIENT: configured } = config;
  let known: { readonly list: OperationList; readonly names: ReadonlySet<string | undefined> } | undefined;
  const isRegistered = (name: string): boolean => {
    const { list } = registered;
    if (known?.list !== list) known = { list, names: new Set([...list.operations].map((operation) => operation.name)) };
    return known.names.has(name);
  };
  return {
    operation: createUseMetrics(metrics, 'operation', { maxLabels: METRICS_MAX_OPERATIONS, isPreferred: isRegistered }),
    client: createUseMetrics(metrics, 'client', {
      maxLabels: METRICS_MAX_CLIENTS,
      isPreferred: (name) => name === 'unknown' || configured.has(name) || registered.list.clients.has(name),
    }),
  };
}
