import { describe, expect, test } from '@jest/globals';
import { withDeadline } from './with-deadline.js';

describe('withDeadline', () => {
  test('answers what the work answers', async () => {
    expect(await withDeadline(Promise.resolve('done'), 1_000, 'Work')).toBe('done');
  });

  test('fails as the work fails', async () => {
    await expect(withDeadline(Promise.reject(new Error('broken')), 1_000, 'Work')).rejects.toThrow('broken');
  });

  test('fails as something to be tried again, and names the work, when the time is over', async () => {
    const never = new Promise(() => undefined);

    await expect(withDeadline(never, 1, 'Work')).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: 'Work took longer than 1 ms',
    });
  });
});
