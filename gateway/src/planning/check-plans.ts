import { AppError } from '@tessera/service/errors';
import { createPlanCheck } from './check-plan.js';
import type { HostedPlanner } from './planner.js';
import type { Supergraph } from './supergraph.js';

/** Refuses plans that would give wrong data: better none, or another planner's. See {@link createPlanCheck}. */
export function checkPlans(planner: HostedPlanner, { index }: Supergraph, isWary: boolean): HostedPlanner {
  const check = createPlanCheck(index, isWary);
  return {
    ready: () => planner.ready(),
    async plan(...request) {
      const plan = await planner.plan(...request);
      try {
        check(plan);
      } catch (cause) {
        throw new AppError('INTERNAL_SERVER_ERROR', 'Operation cannot be planned', { cause });
      }
      return plan;
    },
    close: () => planner.close(),
  };
}
