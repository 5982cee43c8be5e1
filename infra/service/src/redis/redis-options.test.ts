import { describe, expect, test } from '@jest/globals';
import { reconnectDelayMs } from './redis-options.js';

describe('reconnectDelayMs', () => {
  test('doubles up to two seconds', () => {
    const longest = [1, 2, 3, 6, 7, 1_000].map((attempt) => reconnectDelayMs(attempt, () => 1));

    expect(longest).toEqual([50, 100, 200, 1_600, 2_000, 2_000]);
  });

  test('spreads over the upper half of its range', () => {
    expect(reconnectDelayMs(7, () => 0)).toBe(1_000);
    expect(reconnectDelayMs(7, () => 0.5)).toBe(1_500);
  });
});
