import { describe, expect, test } from '@jest/globals';
import { reconnectDelayMs } from './redis-options.js';

describe('reconnectDelayMs', () => {
  test('doubles up to a second', () => {
    const longest = [1, 2, 3, 5, 6, 1_000].map((attempt) => reconnectDelayMs(attempt, () => 1));

    expect(longest).toEqual([50, 100, 200, 800, 1_000, 1_000]);
  });

  test('spreads over the upper half of its range', () => {
    expect(reconnectDelayMs(7, () => 0)).toBe(500);
    expect(reconnectDelayMs(7, () => 0.5)).toBe(750);
  });
});
