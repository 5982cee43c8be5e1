import { run } from '@tessera/service/subgraph';
import { serviceNames, subgraphs } from './subgraphs.js';

/** Runs one subgraph alone, as `node subgraphs/<name>/dist/main.js` does, from the environment's variables. */
const wanted = process.argv[2];
const name = serviceNames.find((candidate) => candidate === wanted);
if (name === undefined) {
  process.stderr.write(`npm run start:service -- <${serviceNames.join('|')}>\n`);
  process.exit(64);
}
await run(subgraphs[name], process.env);
