import { run } from '@tessera/service/subgraph';
import { authSubgraph } from './subgraph.js';

await run(authSubgraph, process.env);
