import { runProcess } from '../lifecycle/index.js';
import { createSubgraph } from './create-subgraph.js';
import type { Subgraph } from './declaration.js';
import type { Environment } from '../config/index.js';

/** Runs one subgraph as the process's job: what `main.ts` of every subgraph calls. */
export async function run(subgraph: Subgraph, environment: Environment): Promise<void> {
  await runProcess(async () => {
    const created = await createSubgraph(subgraph, { environment });
    await created.start();
    return created;
  });
}
