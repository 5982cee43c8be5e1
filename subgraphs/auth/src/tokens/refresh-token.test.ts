import { describe, expect, test } from '@jest/globals';
import { createRefreshToken, hashRefreshToken, isRefreshToken } from './refresh-token.js';

describe('refresh tokens', () => {
  test('are recognised by their form and never repeat', () => {
    const tokens = Array.from({ length: 1_000 }, () => createRefreshToken());

    expect(tokens.every(isRefreshToken)).toBe(true);
    expect(new Set(tokens).size).toBe(1_000);
  });

  test.each(['', 'tsr_', `tsk_${'A'.repeat(43)}`, `tsr_${'A'.repeat(44)}`, `tsr_${'A'.repeat(42)}\n`])(
    '%j is none',
    (text) => {
      expect(isRefreshToken(text)).toBe(false);
    },
  );

  test('are stored as SHA-256', () => {
    expect(hashRefreshToken('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
