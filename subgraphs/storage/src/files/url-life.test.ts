import { describe, expect, test } from '@jest/globals';
import { steadyLife } from './url-life.js';

const at = (time: string): Date => new Date(`2026-11-23T${time}Z`);

describe('the life of a download URL', () => {
  test('is the same for all that are made in half of the time that it was asked for', () => {
    const lives = ['12:00:00', '12:03:21.500', '12:07:29.999'].map((time) => steadyLife(900, at(time)));

    expect(lives).toEqual(lives.map(() => ({ signedAt: at('12:00:00'), expiresAt: at('12:22:30') })));
    expect(steadyLife(900, at('12:07:30'))).toEqual({ signedAt: at('12:07:30'), expiresAt: at('12:30:00') });
  });

  test.each([1, 2, 3, 59, 60, 900, 3_600, 86_400])(
    'is %i seconds at least, where these were asked for, and half as many more at most',
    (seconds) => {
      for (const time of ['00:00:00', '12:34:56.789', '23:59:59.999']) {
        const now = at(time);
        const leftSeconds = (steadyLife(seconds, now).expiresAt.getTime() - now.getTime()) / 1_000;

        expect(leftSeconds).toBeGreaterThanOrEqual(seconds);
        expect(leftSeconds).toBeLessThanOrEqual(seconds + Math.ceil(seconds / 2));
      }
    },
  );
});
