import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { repositoryRoot } from './repository.js';
import { printSubgraph, readRoverConfig } from './subgraphs.js';

/** Writes every subgraph's SDL, printed from its code, to the file that `rover.yaml` names. */
for (const { name, file } of await readRoverConfig()) {
  await writeFile(resolve(repositoryRoot, file), await printSubgraph(name));
  process.stdout.write(`printed ${file}\n`);
}
