import { describe, expect, test } from '@jest/globals';
import { findStrength, isAsStrong, leastStrength, type HashStrength } from './hash-strength.js';

/** A machine on which the least strength takes so long. @param outsideCaches how much longer memory takes that its caches do not hold */
const machine =
  (leastMs: number, outsideCaches = 1) =>
  async ({ memoryKiB, passes }: HashStrength): Promise<number> =>
    ((leastMs * memoryKiB * passes) / (leastStrength.memoryKiB * leastStrength.passes)) *
    (memoryKiB > 32_768 ? outsideCaches : 1);

describe('the strength that is found', () => {
  test.each([
    [100, 15, 1],
    [100, 15, 1.4],
    [100, 15, 0.7],
    [50, 15, 1.4],
    [30, 15, 1],
    [120, 4, 1.4],
  ])('takes about %i ms where the least takes %i ms, and more memory %f times that', async (targetMs, ...speed) => {
    const strength = await findStrength(targetMs, machine(...speed));

    const takesMs = await machine(...speed)(strength);
    expect(takesMs).toBeGreaterThan(targetMs * 0.95);
    expect(takesMs).toBeLessThan(targetMs * 1.05);
    expect(isAsStrong(strength, leastStrength)).toBe(true);
  });

  test.each([10, 0, -1])('is never less than the least, also for a target of %i ms', async (targetMs) => {
    expect(await findStrength(targetMs, machine(15))).toEqual(leastStrength);
  });

  test('does not take all memory, nor for ever, on a machine that is very fast', async () => {
    const { memoryKiB, passes } = await findStrength(1_000, machine(0.1));

    expect(memoryKiB).toBeLessThanOrEqual(48 * 1_024);
    expect(passes).toBeLessThanOrEqual(20);
  });
});
