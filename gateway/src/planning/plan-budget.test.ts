import { expect, test } from '@jest/globals';
import { beginBudget, PlanExceeded } from './plan-budget.js';

test('a plan ends itself some steps after its time is over, and not before', () => {
  let nowMs = 1_000;
  const spend = beginBudget(100, () => nowMs);
  const spendMany = (): void => {
    for (let step = 0; step < 100; step += 1) spend();
  };

  nowMs = 1_100;
  spendMany();
  nowMs = 1_101;

  expect(spendMany).toThrow(PlanExceeded);
});
