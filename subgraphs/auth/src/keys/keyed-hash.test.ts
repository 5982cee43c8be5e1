import { describe, expect, test } from '@jest/globals';
import { createKeyedHash, deriveHashKey } from './keyed-hash.js';

describe('keyed hash', () => {
  const hash = createKeyedHash(deriveHashKey('a secret of at least thirty-two characters'));

  test('is the same for the same secret and purpose', () => {
    expect(hash('123456', 'code of Ann').equals(hash('123456', 'code of Ann'))).toBe(true);
  });

  test('differs by purpose and by key', () => {
    const other = createKeyedHash(deriveHashKey('another secret of thirty-two characters'));

    expect(hash('123456', 'code of Bob').equals(hash('123456', 'code of Ann'))).toBe(false);
    expect(other('123456', 'code of Ann').equals(hash('123456', 'code of Ann'))).toBe(false);
  });
});
