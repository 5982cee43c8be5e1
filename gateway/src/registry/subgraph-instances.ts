import { ConfigError } from '@tessera/service/config';
import type { SubgraphUrls } from '../config.js';
import type { Supergraph } from '../planning/supergraph.js';

/**
 * Where each subgraph of the supergraph is: its own URL there, or what replaces it.
 *
 * @param overrides from the weakest to the strongest
 * @throws ConfigError for a subgraph without a URL, and for a URL of a subgraph that there is not
 */
export function locateSubgraphs({ subgraphs }: Supergraph, ...overrides: readonly SubgraphUrls[]): SubgraphUrls {
  const faults: string[] = [];
  const located = new Map<string, readonly string[]>();
  for (const { name, url } of subgraphs.values()) located.set(name, URL.canParse(url) ? [url] : []);
  for (const [name, urls] of overrides.flatMap((override) => [...override])) {
    if (located.has(name)) located.set(name, urls);
    else faults.push(`SUBGRAPH_URLS: the supergraph has no subgraph ${name}`);
  }
  for (const [name, urls] of located) {
    if (urls.length === 0) faults.push(`SUBGRAPH_URLS: must name a URL of ${name}, for the supergraph has none`);
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return located;
}
