import { AppError } from '@tessera/service/errors';
import { createPlanCheck, type CheckPlan } from './check-plan.js';
import type { HostedPlanner } from './planner.js';
import { notRolledOut } from './roll-out.js';
import type { Supergraph } from './supergraph.js';

/** Refuses plans that would give wrong data: better none, or another planner's. See {@link createPlanCheck}. */
export function checkPlans(planner: HostedPlanner, { indexFor }: Supergraph, isWary: boolean): HostedPlanner {
  const checks = new Map<number, CheckPlan>();

  function checkFor(roll: number): CheckPlan {
    const check = checks.get(roll) ?? createPlanCheck(indexFor(roll), isWary);
    checks.set(roll, check);
    return check;
  }

  return {
    ready: () => planner.ready(),
    async plan(...request) {
      const plan = await planner.plan(...request);
      try {
        checkFor(request[3] ?? notRolledOut)(plan);
      } catch (cause) {
        throw new AppError('INTERNAL_SERVER_ERROR', 'Operation cannot be planned', { cause });
      }
      return plan;
    },
    close: () => planner.close(),
  };
}
