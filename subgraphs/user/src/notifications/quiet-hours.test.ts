import { describe, expect, test } from '@jest/globals';
import { endOfQuietHours } from './quiet-hours.js';

const night = { from: '22:00', to: '07:00' };
const endAt = (now: string, hours = night, timeZone = 'Europe/Zurich') =>
  endOfQuietHours(new Date(now), hours, timeZone)?.toISOString();

describe('quiet hours', () => {
  test.each([
    ['before midnight', '2026-11-21T22:30:20Z', '2026-11-22T06:00:00.000Z'],
    ['after midnight', '2026-11-22T03:00:00Z', '2026-11-22T06:00:00.000Z'],
    ['at their first minute', '2026-11-21T21:00:00Z', '2026-11-22T06:00:00.000Z'],
    ['at their last minute', '2026-11-22T05:59:59Z', '2026-11-22T06:00:00.000Z'],
  ])('%s end in the morning of the person', (_name, now, end) => {
    expect(endAt(now)).toBe(end);
  });

  test.each(['2026-11-22T06:00:00Z', '2026-11-22T12:00:00Z', '2026-11-21T20:59:59Z'])('are not at %s', (now) => {
    expect(endAt(now)).toBeUndefined();
  });

  test('may lie within one day, and are hours of the person’s own clocks', () => {
    const lunch = { from: '12:00', to: '13:30' };

    expect(endAt('2026-11-21T04:10:00Z', lunch, 'Asia/Shanghai')).toBe('2026-11-21T05:30:00.000Z');
    expect(endAt('2026-11-21T12:10:00Z', lunch, 'Asia/Shanghai')).toBeUndefined();
  });

  test('end when the clocks say so in the nights in which these are changed', () => {
    expect(endAt('2026-10-24T22:00:00Z')).toBe('2026-10-25T06:00:00.000Z');
    expect(endAt('2026-03-28T22:00:00Z')).toBe('2026-03-29T05:00:00.000Z');
  });
});
