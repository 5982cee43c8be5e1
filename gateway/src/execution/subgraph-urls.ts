import type { SubgraphEndpoint } from '../planning/supergraph.js';

/**
 * Decides where each subgraph is asked: the override's URL, else the supergraph's.
 *
 * @throws Error listing everything that is wrong with them
 */
export function resolveUrls(
  subgraphs: ReadonlyMap<string, SubgraphEndpoint>,
  overrides: Readonly<Record<string, string>>,
): ReadonlyMap<string, URL> {
  const faults = Object.keys(overrides)
    .filter((name) => !subgraphs.has(name))
    .map((name) => `a URL is configured for "${name}", which the supergraph does not have`);
  const urls = new Map<string, URL>();
  for (const { name, url } of subgraphs.values()) {
    const text = Object.hasOwn(overrides, name) ? (overrides[name] ?? '') : url;
    const parsed = URL.parse(text);
    if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') urls.set(name, parsed);
    else faults.push(`subgraph "${name}" has no http(s) URL`);
  }
  if (faults.length > 0) throw new Error(`Subgraph URLs are not valid: ${faults.join('; ')}`);
  return urls;
}
