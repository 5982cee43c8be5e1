import { ConfigError } from '@tessera/service/config';
import type { SubgraphUrls } from '../config.js';
import type { SubgraphAddress } from '../execution/subgraph-connections.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { InstanceSet } from './instance-set.js';
import { RetryBudget } from './retry-budget.js';
import type { CalledSubgraph } from './subgraph-call.js';
import type { SubgraphObserver } from './subgraph-observer.js';

export interface CalledSubgraphsOptions {
  readonly urls: SubgraphUrls;
  readonly timeoutMs: number;
  /** Subgraph -> its own timeout. */
  readonly timeoutsMs: ReadonlyMap<string, number>;
  readonly observer: SubgraphObserver;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** @throws ConfigError listing everything that is wrong with URLs and timeouts */
export function createCalledSubgraphs(options: CalledSubgraphsOptions): ReadonlyMap<string, CalledSubgraph> {
  const { urls, timeoutMs, timeoutsMs, observer, random } = options;
  const faults = [...timeoutsMs.keys()]
    .filter((name) => !urls.has(name))
    .map((name) => `SUBGRAPH_TIMEOUTS_MS: the supergraph has no subgraph ${name}`);
  const subgraphs = new Map<string, CalledSubgraph>();
  for (const [name, instances] of urls) {
    const [first, ...others] = instances.map((url) => toAddress(name, url)).filter((address) => address !== undefined);
    if (first === undefined || others.length + 1 < instances.length) {
      faults.push(`SUBGRAPH_URLS: ${name} needs http(s) URLs`);
      continue;
    }
    subgraphs.set(name, {
      name,
      instances: new InstanceSet({
        addresses: [first, ...others],
        onChange: (out) => observer.instancesOut?.(name, out),
        random,
      }),
      circuit: new CircuitBreaker({
        instances: instances.length,
        onChange: (state, openUntilMs) => observer.circuit?.(name, state, openUntilMs),
        random,
      }),
      budget: new RetryBudget(),
      timeoutMs: timeoutsMs.get(name) ?? timeoutMs,
    });
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return subgraphs;
}

/** @returns undefined for what is no http(s) URL */
export function toAddress(subgraph: string, text: string): SubgraphAddress | undefined {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  return { subgraph, origin: url.origin, path: url.pathname, target: url.pathname + url.search };
}
