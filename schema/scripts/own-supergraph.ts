import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printSubgraph, readRoverConfig, repositoryRoot, supergraphFile } from './subgraphs.js';
import { composeSupergraph } from './supergraph.js';

const committed = (file: string): Promise<string> => readFile(resolve(repositoryRoot, file), 'utf8').catch(() => '');

/** The supergraph as the code is now, and which committed files are not what the code says. */
export async function readOwnSupergraph(): Promise<{ readonly sdl: string; readonly faults: readonly string[] }> {
  const faults: string[] = [];
  const subgraphs = await Promise.all(
    (await readRoverConfig()).map(async ({ name, url, file }) => {
      const sdl = await printSubgraph(name);
      if (sdl !== (await committed(file))) faults.push(`${file} is stale: run npm run schema:print`);
      return { name, url, sdl };
    }),
  );
  const sdl = composeSupergraph(subgraphs);
  if (sdl !== (await committed(supergraphFile))) faults.push(`${supergraphFile} is stale: run npm run schema:compose`);
  return { sdl, faults };
}
