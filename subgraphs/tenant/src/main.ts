import { run } from '@tessera/service/subgraph';
import { tenantSubgraph } from './subgraph.js';

await run(tenantSubgraph, process.env);
