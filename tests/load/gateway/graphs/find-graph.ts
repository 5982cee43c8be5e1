import { bombable } from '../../../gateway/support/planner-bombs.js';
import type { BenchGraph } from './bench-graph.js';
import { chainGraph } from './chain.js';
import { listGraph } from './list.js';
import { pairGraph } from './pair.js';
import { shopGraph } from './shop.js';

const graphs: ReadonlyMap<string, BenchGraph> = new Map([
  ['shop', shopGraph],
  ['kept-shop', { ...shopGraph, answerHeader: 'cache-control: public, max-age=3600' }],
  ['chain', chainGraph],
  ['list', listGraph],
  ['pair', pairGraph],
  ['bombable', { subgraphs: bombable, overrides: {} }],
]);

/** Finds a graph by its name: subgraphs run in a process of their own, which is told only that. */
export function findGraph(name: string): BenchGraph {
  const graph = graphs.get(name);
  if (graph === undefined) throw new Error(`No graph is called ${name}`);
  return graph;
}
