import { describe, expect, test } from '@jest/globals';
import { createActivationCode, hashActivationCode } from './activation-code.js';

describe('activation codes', () => {
  test('are five groups of five and never repeat', () => {
    const codes = Array.from({ length: 1_000 }, createActivationCode);

    expect(codes.every((code) => /^([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}$/.test(code))).toBe(true);
    expect(new Set(codes).size).toBe(1_000);
  });

  test('are the same however they are typed', () => {
    const code = '01ABC-DEFGH-JKMNP-QRSTV-WXYZ0';

    for (const typed of ['oiabcdefghjkmnpqrstvwxyzo', ' 0LABC DEFGH-JKMNP-QRSTV-WXYZO ', code.toLowerCase()]) {
      expect(hashActivationCode(typed)).toEqual(hashActivationCode(code));
    }
  });

  test.each(['', '12345', `${'A'.repeat(24)}U`, 'A'.repeat(26), 'A'.repeat(10_000)])('%j is none', (text) => {
    expect(hashActivationCode(text)).toBeUndefined();
  });
});
