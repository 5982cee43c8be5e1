import { eventually } from './eventually.js';
import type { GraphqlAnswer } from './subgraph-harness.js';

/**
 * Sends until an instance lets it in: one that is busy, or whose lock does not come in time, says `OVERLOADED` before anything
 * is done.
 */
export async function whenLetIn(send: () => Promise<GraphqlAnswer<unknown>>): Promise<GraphqlAnswer<unknown>> {
  let answer: GraphqlAnswer<unknown> = {};
  await eventually(async () => {
    answer = await send();
    return answer.errors?.[0]?.extensions.code !== 'OVERLOADED';
  }, 90_000);
  return answer;
}
