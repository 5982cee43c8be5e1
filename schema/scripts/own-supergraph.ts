import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { repositoryRoot, supergraphFile } from './repository.js';
import { printSubgraph, readRoverConfig } from './subgraphs.js';
import { composeSupergraph } from './supergraph.js';

const committed = (file: string): Promise<string> => readFile(resolve(repositoryRoot, file), 'utf8').catch(() => '');

/** The supergraph as the code is now. */
export interface OwnSupergraph {
  readonly sdl: string;
  /** Which committed files are not what the code says. */
  readonly faults: readonly string[];
}

/** Composes what the code says now. */
export async function readOwnSupergraph(): Promise<OwnSupergraph> {
  const faults: string[] = [];
  const subgraphs = await Promise.all(
    (await readRoverConfig()).map(async ({ name, url, file }) => {
      const written = await committed(file);
      // Of one whose code is elsewhere there is only what was committed.
      const sdl = (await printSubgraph(name)) ?? written;
      if (sdl !== written) faults.push(`${file} is stale: run npm run schema:print`);
      return { name, url, sdl };
    }),
  );
  const sdl = composeSupergraph(subgraphs);
  if (sdl !== (await committed(supergraphFile))) faults.push(`${supergraphFile} is stale: run npm run schema:compose`);
  return { sdl, faults };
}
