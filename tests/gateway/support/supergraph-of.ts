import { loadSupergraph, type Supergraph } from '@tessera/gateway/planning/supergraph';
import { compose } from './federation.js';

/** Composes and loads subgraphs that need not run. @param typeDefs by name; each gets Federation 2's `@link` */
export function supergraphOf(typeDefs: Readonly<Record<string, string>>): Supergraph {
  const sources = Object.entries(typeDefs).map(([name, text]) => [
    name,
    { typeDefs: text, url: `http://${name}.test` },
  ]);
  return loadSupergraph(compose(Object.fromEntries(sources)));
}
