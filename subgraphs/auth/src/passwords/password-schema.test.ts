import { describe, expect, test } from '@jest/globals';
import { newPasswordSchema, submittedPasswordSchema } from './password-schema.js';

describe('passwords', () => {
  test.each([
    ['7 letters', 'abcdefg', false],
    ['8 letters', 'abcdefgh', true],
    ['2 characters of 4 bytes', '🔑🔒', true],
    ['1,024 bytes', 'x'.repeat(1_024), true],
    ['1,025 bytes', 'x'.repeat(1_025), false],
    ['600 characters of 2 bytes', 'é'.repeat(600), false],
  ])('of %s: %j may be chosen: %j', (_what, password, isAccepted) => {
    expect(newPasswordSchema.safeParse(password).success).toBe(isAccepted);
  });

  test('one that is too short to be chosen today may still be submitted', () => {
    expect(submittedPasswordSchema.safeParse('old').success).toBe(true);
  });
});
