import type { Logger } from '@tessera/service/logging';
import type { ManifestOperation } from '@tessera/service/operations';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../context.js';
import type { OperationUseObserver } from '../operations/operation-use-observer.js';
import type { OperationList } from '../operations/registered/operation-list.js';
import type { Counting, OperationUseMetrics } from './operation-use-metrics.js';
import type { OperationUseReporter } from './operation-use-reporter.js';
import type { CountedUse } from './operation-use-window.js';

export interface OperationUseObserverOptions {
  readonly metrics: OperationUseMetrics;
  readonly reporter: OperationUseReporter;
  readonly logger: Logger;
  /** The list of now: its clients and versions are the only ones that become labels. */
  readonly list: () => OperationList;
  /** Clients that the settings name. */
  readonly configuredClients: ReadonlySet<string>;
}

/** How a client uses a registered operation, and where that is counted. */
interface ListedUse {
  readonly by: 'id' | 'text';
  readonly clientName: string;
  readonly clientVersion: string;
  readonly list: OperationList;
  readonly request: Counting;
  readonly uses: Counting;
  readonly key: string;
  readonly reported: CountedUse;
}

/** An unregistered operation is logged when it is first seen, and again after this long, not with every request. */
const logAgainAfterMs = 10 * 60_000;

/** Counts how operations stand to the list: for Prometheus, for analytics, and in the log what is not on it. */
export function createOperationUseObserver(options: OperationUseObserverOptions): OperationUseObserver {
  const { metrics, reporter, logger, list, configuredClients } = options;
  const logged = new LRUCache<string, true>({ max: 1_000, ttl: logAgainAfterMs });

  const clientLabel = (name: string): string =>
    name === 'unknown' || configuredClients.has(name) || list().clients.has(name) ? name : 'other';
  const versionLabel = (client: string, version: string): string =>
    list().clients.get(client)?.has(version) === true ? version : 'other';
  const keyOf = (id: string, { clientName, clientVersion }: RequestContext): string =>
    `${id}\n${clientName}\n${clientVersion}`;

  /** The last use of each operation: the next one is mostly alike, and finding its counters costs more than counting. */
  const lastUses = new WeakMap<ManifestOperation, ListedUse>();

  function useOf(operation: ManifestOperation, by: 'id' | 'text', context: RequestContext): ListedUse {
    const { id, name = 'anonymous' } = operation;
    const { clientName, clientVersion } = context;
    const last = lastUses.get(operation);
    const isAlike = last?.by === by && last.clientName === clientName && last.clientVersion === clientVersion;
    // Labels are those of the list of now.
    if (isAlike && last.list === list()) return last;
    const client = clientLabel(clientName);
    const use = {
      by,
      clientName,
      clientVersion,
      list: list(),
      request: metrics.request(client, by),
      uses: metrics.use(name, client, versionLabel(client, clientVersion)),
      key: keyOf(id, context),
      reported: { clientName, clientVersion, operationId: id, operationName: name, isListed: true },
    };
    lastUses.set(operation, use);
    return use;
  }

  return {
    listed(operation, by, context) {
      const { request, uses, key, reported } = useOf(operation, by, context);
      request.inc();
      uses.inc();
      reporter.record(key, reported);
    },
    unlisted({ id, operationName = 'anonymous', isRefused }, context) {
      const { clientName, clientVersion } = context;
      metrics.request(clientLabel(clientName), isRefused ? 'refused' : 'unlisted').inc();
      const name = operationName.slice(0, 200);
      const key = keyOf(id, context);
      reporter.record(key, { clientName, clientVersion, operationId: id, operationName: name, isListed: false });
      if (logged.has(key)) return;
      logged.set(key, true);
      const { requestId } = context;
      const line = { clientName, clientVersion, operationId: id, operationName: name, isRefused, requestId };
      logger.warn(line, 'an operation is not registered');
    },
  };
}
