import { describe, expect, test } from '@jest/globals';
import { findStrength, isAsStrong, leastStrength, type HashStrength } from './hash-strength.js';

/** A machine on which the least strength takes so long. */
const machine =
  (leastMs: number) =>
  async ({ memoryKiB, passes }: HashStrength): Promise<number> =>
    (leastMs * memoryKiB * passes) / (leastStrength.memoryKiB * leastStrength.passes);

describe('the strength that is found', () => {
  test.each([
    [100, 15],
    [50, 15],
    [30, 15],
    [120, 4],
  ])('takes about %i ms where the least takes %i ms', async (targetMs, leastMs) => {
    const strength = await findStrength(targetMs, machine(leastMs));

    const takesMs = await machine(leastMs)(strength);
    expect(takesMs).toBeLessThanOrEqual(targetMs);
    expect(takesMs).toBeGreaterThan(targetMs * 0.7);
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
