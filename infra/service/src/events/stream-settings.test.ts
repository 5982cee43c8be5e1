import { describe, expect, test } from '@jest/globals';
import { defaultStreamSettings, restAfterMs } from './stream-settings.js';

describe('restAfterMs', () => {
  test('doubles from half a minute up to ten minutes', () => {
    const rests = [1, 2, 3, 5, 6, 100].map((deliveries) => restAfterMs(defaultStreamSettings, deliveries));

    expect(rests).toEqual([30_000, 60_000, 120_000, 480_000, 600_000, 600_000]);
  });
});
