import { run } from '@tessera/service/subgraph';
import { storageSubgraph } from './subgraph.js';

await run(storageSubgraph, process.env);
