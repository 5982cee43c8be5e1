import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { repositoryRoot } from './repository.js';
import { printSubgraph, readRoverConfig } from './subgraphs.js';

/** Writes the SDL of every subgraph of this repository, printed from its code, to the file that `rover.yaml` names. */
for (const { name, file } of await readRoverConfig()) {
  const sdl = await printSubgraph(name);
  if (sdl !== undefined) await writeFile(resolve(repositoryRoot, file), sdl);
  process.stdout.write(sdl === undefined ? `left ${file} as it is: no code of ${name} here\n` : `printed ${file}\n`);
}
