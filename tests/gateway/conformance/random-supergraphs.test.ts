import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomCase } from './random/case-arbitrary.js';
import { checkCase } from './random/check-case.js';
import { describeDifference } from './random/describe-difference.js';
import { openLaboratory, type Laboratory } from './random/laboratory.js';

/** The first of them are the same in the run of all tests. */
const supergraphs = process.env['TESSERA_QUICK_TESTS'] === undefined ? 20 : 6;
const operationsOfEach = 8;

describe.each(['auto', 'tessera'] as const)('random supergraphs (planned by %s)', (planner) => {
  let laboratory: Laboratory;

  beforeAll(async () => {
    laboratory = await openLaboratory(planner, 20_000);
  });

  afterAll(() => laboratory.close());

  test('answer random operations as one schema over the same data does', async () => {
    let compared = 0;
    let kind: string | undefined;
    const property = fc.asyncProperty(randomCase(operationsOfEach), async (one) => {
      const outcome = await checkCase(one, laboratory);
      fc.pre(outcome.isComposed);
      compared += outcome.compared;
      // What it is shrunk to has to differ in the same way.
      const difference = outcome.differences.find((found) => found.kind === (kind ??= found.kind));
      if (difference !== undefined) throw new Error(describeDifference(one.world, difference));
    });

    await fc.assert(property, { numRuns: supergraphs, seed: 11, maxSkipsPerRun: 10, verbose: 0 });

    expect(compared).toBeGreaterThan(supergraphs * 4);
  }, 120_000);
});
