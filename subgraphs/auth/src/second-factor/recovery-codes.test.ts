import { describe, expect, test } from '@jest/globals';
import { createRecoveryCodes, normaliseRecoveryCode } from './recovery-codes.js';

describe('recovery codes', () => {
  test('are ten, different, and easy to write down', () => {
    const codes = createRecoveryCodes();

    expect(new Set(codes).size).toBe(10);
    expect(codes.every((code) => /^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}$/.test(code))).toBe(true);
  });

  test('are understood however they are typed', () => {
    expect(normaliseRecoveryCode(' abcd-ef0o 1lIx ')).toBe('ABCDEF00111X');
  });
});
