import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { createMonolith } from '../../gateway/support/monolith.js';
import { composeGraph } from './compose-graph.js';
import { findGraph } from './graphs/find-graph.js';

/** A graph whose subgraphs run. */
export interface RunningGraph {
  readonly supergraphPath: string;
  /** Subgraph -> where it answers. */
  readonly urls: ReadonlyMap<string, string>;
  /** What a right answer is, as one schema over the same data has it: JSON values. */
  answer(query: string, variables: Readonly<Record<string, unknown>> | undefined): Promise<unknown>;
  /** How many requests all subgraphs together have had so far. */
  countRequests(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a graph's subgraphs in a process of their own and composes them. */
export async function startGraph(name: string): Promise<RunningGraph> {
  const graph = findGraph(name);
  const child = fork(fileURLToPath(new URL('./subgraphs-process.js', import.meta.url)), [name]);
  const [ports] = (await once(child, 'message')) as [Readonly<Record<string, number>>];
  const urls = new Map(Object.entries(ports).map(([subgraph, port]) => [subgraph, `http://127.0.0.1:${port}/graphql`]));
  const sdl = composeGraph(graph, urls);
  const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
  const supergraphPath = join(folder, 'supergraph.graphql');
  await writeFile(supergraphPath, sdl);
  const monolith = createMonolith(loadSupergraph(sdl).publicSchema, graph.subgraphs, graph.overrides);

  return {
    supergraphPath,
    urls,
    async answer(query, variables) {
      const { data, errors } = await monolith.run(query, { ...variables });
      if (errors !== undefined) throw new Error(`The case itself is wrong: ${String(errors[0])}`);
      return JSON.parse(JSON.stringify({ data })) as unknown;
    },
    async countRequests() {
      const answer = once(child, 'message') as Promise<[number]>;
      child.send('count');
      return (await answer)[0];
    },
    async stop() {
      child.kill();
      await once(child, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
