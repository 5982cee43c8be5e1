import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import type { BenchGraph } from './graphs/bench-graph.js';

/** What each subgraph's SDL begins with. */
export const federationLink = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.7"
  import: ["@key", "@requires", "@provides", "@external", "@shareable"]
)`;

/**
 * Composes a graph.
 *
 * @param urls subgraph -> where it answers
 * @throws Error with the faults of the composition
 */
export function composeGraph({ subgraphs }: BenchGraph, urls: ReadonlyMap<string, string>): string {
  const services = Object.entries(subgraphs).map(([name, { typeDefs }]) => ({
    name,
    url: urls.get(name) ?? '',
    typeDefs: parse(`${federationLink}\n${typeDefs}`),
  }));
  const { supergraphSdl, errors } = composeServices(services);
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}
