import { expect, test } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

function takeAll(budget: RetryBudget, nowMs: number): number {
  let taken = 0;
  while (budget.take(nowMs)) taken += 1;
  return taken;
}

test('a fifth of the requests of the last five seconds may be sent again', () => {
  const budget = new RetryBudget();
  for (let time = 0; time < 1_000; time += 1) budget.countRequest(time);

  expect(takeAll(budget, 1_000)).toBe(200);
  expect(takeAll(budget, 4_000)).toBe(0);
});

test('what is older than five seconds counts no more, neither for nor against', () => {
  const budget = new RetryBudget();
  for (let time = 0; time < 1_000; time += 1) budget.countRequest(0);
  takeAll(budget, 0);

  expect(takeAll(budget, 20_000)).toBe(10);
});

test('a few second chances are always there', () => {
  expect(takeAll(new RetryBudget(), 0)).toBe(10);
});
