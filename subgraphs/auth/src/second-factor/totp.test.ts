import { describe, expect, test } from '@jest/globals';
import { createTotpSecret, totpStep, totpUri } from './totp.js';

/** RFC 6238, appendix B: the ASCII secret 12345678901234567890 in base 32. */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('TOTP', () => {
  test.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [2_000_000_000, '279037'],
  ])('knows the codes of RFC 6238 at %i seconds', (seconds, code) => {
    expect(totpStep(secret, code, seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  test('says which step a code is of, one before or after the present one', () => {
    expect(totpStep(secret, '287082', 89_000)).toBe(1);
    expect(totpStep(secret, '287082', 29_000)).toBe(1);
    expect(totpStep(secret, '287082', 119_000)).toBeUndefined();
  });

  test('secrets are new each time, and an app can read them', () => {
    const made = createTotpSecret();

    expect(made).toMatch(/^[A-Z2-7]{32}$/);
    expect(createTotpSecret()).not.toBe(made);
    expect(totpUri(made, 'Acme', 'ann@example.com')).toMatch(/^otpauth:\/\/totp\/Acme:ann%40example.com\?/);
  });
});
