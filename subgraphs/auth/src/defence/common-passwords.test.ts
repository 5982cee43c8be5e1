import { describe, expect, test } from '@jest/globals';
import { isCommonPassword } from './common-passwords.js';

describe('a common password', () => {
  test.each([
    'password',
    'Password1!',
    'P@ssw0rd',
    'p4$$w0rd123',
    'password2026',
    '12345678',
    '87654321',
    '1234567890',
    '11111111',
    'abababab',
    'abcabcabc',
    'qwertyuiop',
    'Qwerty123',
    'asdfghjkl',
    'iloveyou',
    'ILoveYou!!',
    'letmein1',
    'admin1234',
    'Welcome1',
    'passwordpassword',
    'Summer2026!',
    '20261121',
  ])('is %j', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test.each([
    'correct horse battery staple',
    'Tr0ub4dor&3',
    'wisteria-lantern-91',
    'kX7#pQ2v',
    'zürich im märz',
    '密码是一句很长的话',
    'a brand new password',
    'x'.repeat(100) + 'y',
  ])('is not %j', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });
});
