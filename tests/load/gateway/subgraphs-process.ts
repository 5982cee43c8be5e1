import { findGraph } from './graphs/find-graph.js';
import { startMemorisedSubgraph, type MemorisedSubgraph } from './memorised-server.js';

/**
 * Child process: serves the subgraphs of the graph that is its argument. It sends their ports, by name, and answers every
 * message with how many requests they have had so far.
 */
const subgraphs = new Map<string, MemorisedSubgraph>();
const { subgraphs: definitions, answerHeader } = findGraph(process.argv[2] ?? '');
for (const [name, definition] of Object.entries(definitions)) {
  subgraphs.set(name, await startMemorisedSubgraph(definition, answerHeader));
}
process.on('message', () => {
  process.send?.([...subgraphs.values()].reduce((total, subgraph) => total + subgraph.requests(), 0));
});
process.once('disconnect', () => process.exit());
process.send?.(Object.fromEntries([...subgraphs].map(([name, { port }]) => [name, port])));
