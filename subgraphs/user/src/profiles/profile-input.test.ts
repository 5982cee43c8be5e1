import { describe, expect, test } from '@jest/globals';
import { updateProfileSchema } from './profile-input.js';

describe('a change of a profile', () => {
  test('writes language tags in their canonical form', () => {
    expect(updateProfileSchema.parse({ locale: 'ZH-hans-cn' }).locale).toBe('zh-Hans-CN');
  });

  test('tells what is cleared from what is left alone', () => {
    expect(updateProfileSchema.parse({ timeZone: null })).toEqual({ timeZone: null, displayName: undefined });
  });
});
