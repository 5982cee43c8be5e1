import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { repositoryRoot, supergraphFile } from './repository.js';
import { readRoverConfig } from './subgraphs.js';
import { composeSupergraph } from './supergraph.js';

/** Composes the committed subgraph files into the supergraph. */
const files = await readRoverConfig();
const subgraphs = await Promise.all(
  files.map(async ({ name, url, file }) => ({ name, url, sdl: await readFile(resolve(repositoryRoot, file), 'utf8') })),
);
await writeFile(resolve(repositoryRoot, supergraphFile), composeSupergraph(subgraphs));
process.stdout.write(`composed ${supergraphFile}\n`);
