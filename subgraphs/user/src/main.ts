import { run } from '@tessera/service/subgraph';
import { userSubgraph } from './subgraph.js';

await run(userSubgraph, process.env);
