import { run } from '@tessera/service/subgraph';
import { analyticsSubgraph } from './subgraph.js';

await run(analyticsSubgraph, process.env);
