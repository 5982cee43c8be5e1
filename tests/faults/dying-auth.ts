import type { Cluster } from '../support/cluster.js';

const [first, second] = ['auth-1', 'auth-2'] as const;

/** Every step runs where the step before did not: the other instance of auth is dead. */
export async function inTurns(cluster: Cluster, steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const dying = index % 2 === 0 ? first : second;
    await cluster.kill9(dying);
    try {
      await step();
    } finally {
      await cluster.start(dying);
    }
  }
}

/** What a client asks again after: nobody knows whether it has happened. */
export const unanswered: ReadonlySet<string | undefined> = new Set([
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_TIMEOUT',
  'OVERLOADED',
]);
