import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createKeptPlans, keepPlans, type KeptPlans } from '@tessera/gateway/planning/kept/kept-plans';
import { createOperationParser } from '@tessera/gateway/planning/operation-parser';
import type { HostedPlanner } from '@tessera/gateway/planning/planner';
import fc from 'fast-check';
import { randomCase } from './random/case-arbitrary.js';
import { checkCase } from './random/check-case.js';
import { describeDifference } from './random/describe-difference.js';
import { openLaboratory, type Laboratory } from './random/laboratory.js';
import { someChanges } from './random/some-changes.js';

const supergraphs = 6;
const operationsOfEach = 8;
const changesOfEach = 8;

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory('tessera', 20_000);
});

afterAll(() => laboratory.close());

/** A laboratory whose supergraphs come one after the other, as in a gateway. */
function withKeptPlans(keptPlans: KeptPlans, counts: { asked: number; planned: number }): Laboratory {
  return {
    ...laboratory,
    openPlanner(supergraph) {
      const planner = laboratory.openPlanner(supergraph);
      const counting: HostedPlanner = {
        ...planner,
        plan(...request) {
          counts.planned += 1;
          return planner.plan(...request);
        },
      };
      const kept = keepPlans(counting, { supergraph, keptPlans, parseOperation: createOperationParser() });
      return {
        ...kept,
        plan(...request) {
          counts.asked += 1;
          return kept.plan(...request);
        },
      };
    },
  };
}

test('plans that are kept answer as one schema does when random supergraphs lose and regain parts', async () => {
  const counts = { asked: 0, planned: 0 };
  const cases = fc.sample(randomCase(operationsOfEach), { seed: 7, numRuns: supergraphs });
  for (const one of cases) {
    const inTurn = withKeptPlans(createKeptPlans(), counts);
    for (const world of someChanges(one.world, changesOfEach).flatMap((changed) => [changed, one.world])) {
      const { differences } = await checkCase({ ...one, world }, inTurn);
      const [difference] = differences;
      if (difference !== undefined) throw new Error(describeDifference(world, difference));
    }
  }
  // Most parts have nothing to do with most operations.
  expect(counts.planned).toBeLessThan(counts.asked / 2);
  expect(counts.planned).toBeGreaterThan(cases.length * operationsOfEach);
}, 120_000);
