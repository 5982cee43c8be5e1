import type { BenchGraph } from './bench-graph.js';

const subgraph = (name: string) => ({
  typeDefs: `type Query { ${name}: String }`,
  resolvers: { Query: { [name]: () => name } },
});

/** Two subgraphs that have nothing to do with each other: one for somebody who goes wrong, one for everybody else. */
export const pairGraph: BenchGraph = {
  overrides: {},
  subgraphs: { healthy: subgraph('healthy'), faulty: subgraph('faulty') },
};
