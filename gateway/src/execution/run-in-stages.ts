import type { RequestContext } from '../context.js';
import type { PreparedOperation, Variant } from './prepared-operation.js';
import type { Run } from './run.js';

/**
 * Runs a mutation, and asks after each thing that it does what may be read by whoever the caller has become.
 *
 * @param values of the operation's variables
 * @returns what writes the answer
 */
export async function runInStages(
  run: Run,
  variant: Variant,
  values: Readonly<Record<string, unknown>>,
  decide: (context: RequestContext) => Promise<PreparedOperation>,
): Promise<PreparedOperation> {
  const stages = variant.stages();
  for (const [index, { mutate }] of stages.entries()) {
    await mutate(run);
    const decided = await (await decide(run.context)).variantFor(values, run.context.requestId);
    // With less to read the plan may be one request alone.
    await decided.stages()[index]?.read(run);
  }
  const answered = await decide(run.context);
  answered.mark(run.tree);
  return answered;
}
