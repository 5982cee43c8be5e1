import { describe, expect, test } from '@jest/globals';
import { ReadTimes } from './read-times.js';

const [one, other] = ['select 1', 'select 2'];

/** Whether reads of both may go together. */
const together = (times: ReadTimes): boolean => times.areQuick(times.expectedMs(one) + times.expectedMs(other));

describe('reads', () => {
  test('go together once all are known to be quick', () => {
    const times = new ReadTimes();
    expect(together(times)).toBe(false);

    times.note([one], 1);
    expect(together(times)).toBe(false);
    times.note([other], 3);

    expect(together(times)).toBe(true);
  });

  test('go alone where they would take too long one after the other', () => {
    const times = new ReadTimes();
    times.note([one], 3);
    times.note([other], 3);

    expect(together(times)).toBe(false);
  });

  test('go on together after the machine was slow once, and alone after it was slow often', () => {
    const times = new ReadTimes();
    for (const text of [one, other]) times.note([text], 1);

    times.note([one, other], 20);
    expect(together(times)).toBe(true);
    for (let round = 0; round < 3; round += 1) times.note([one, other], 20);

    expect(together(times)).toBe(false);
  });

  test('of which one has become slow part, and come together again without it', () => {
    const times = new ReadTimes();
    for (const text of [one, other]) times.note([text], 1);
    times.note([one, other], 300);
    expect(together(times)).toBe(false);

    // Alone the one is as quick as before.
    times.note([one], 1);
    times.note([other], 300);

    expect(times.areQuick(times.expectedMs(one))).toBe(true);
    expect(times.areQuick(times.expectedMs(other))).toBe(false);
  });

  test('are known by so many texts, of which none is long', () => {
    const times = new ReadTimes();
    times.note(['x'.repeat(4_001)], 1);
    times.note([one], 1);
    for (let number = 0; number < 512; number += 1) times.note([`select ${number} as number`], 1);

    expect(times.expectedMs('x'.repeat(4_001))).toBe(Infinity);
    expect(times.expectedMs(one)).toBe(Infinity);
    expect(times.expectedMs('select 511 as number')).toBe(1);
  });
});
