/** A plan that took more than it may, and ended itself. */
export class PlanExceeded extends Error {
  override readonly name = 'PlanExceeded';
}

/** Counts one step of planning. @throws PlanExceeded where the plan has had its time */
export type SpendStep = () => void;

/** Looking at the clock costs more than a step does. */
const stepsPerLook = 32;

/**
 * Begins the time of one plan. A planner that ends itself is there for the next plan at once; one that has to be ended is
 * started anew, which costs as much as the plan did.
 *
 * @param maxMs of processor time
 * @param processorMs what its thread has taken so far
 */
export function beginBudget(maxMs: number, processorMs: () => number): SpendStep {
  const endsAtMs = processorMs() + maxMs;
  let steps = 0;
  return () => {
    steps += 1;
    if (steps % stepsPerLook === 0 && processorMs() > endsAtMs)
      throw new PlanExceeded('The plan takes more than it may');
  };
}
