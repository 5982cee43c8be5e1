import { describe, expect, test } from '@jest/globals';
import { createSeal } from './seal.js';

const secret = 'a secret of at least thirty-two characters';
const next = 'another secret of thirty-two characters';
const seal = createSeal([secret]);

describe('seal', () => {
  test('opens what it closed', () => {
    expect(seal.open(seal.close('a private key', 'key 1'), 'key 1')).toBe('a private key');
  });

  test('closes the same text differently each time', () => {
    expect(seal.close('a private key', 'key 1')).not.toBe(seal.close('a private key', 'key 1'));
  });

  test('does not open for another purpose, another secret, or once changed', () => {
    const sealed = seal.close('a private key', 'key 1');
    const changed = Buffer.from(sealed, 'base64url');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;

    expect(() => seal.open(sealed, 'key 2')).toThrow();
    expect(() => createSeal([next]).open(sealed, 'key 1')).toThrow();
    expect(() => seal.open(changed.toString('base64url'), 'key 1')).toThrow();
    expect(() => seal.open('', 'key 1')).toThrow();
  });

  test('closes with the first of its secrets and opens what any of them closed', () => {
    const rotating = createSeal([next, secret]);

    expect(rotating.open(seal.close('a private key', 'key 1'), 'key 1')).toBe('a private key');
    expect(createSeal([next]).open(rotating.close('a private key', 'key 1'), 'key 1')).toBe('a private key');
  });

  test('renews what another of its secrets closed, and nothing else', () => {
    const rotating = createSeal([next, secret]);
    const renewed = rotating.renew(seal.close('a private key', 'key 1'), 'key 1') ?? '';

    expect(createSeal([next]).open(renewed, 'key 1')).toBe('a private key');
    expect(rotating.renew(renewed, 'key 1')).toBeUndefined();
    expect(() => rotating.renew(renewed, 'key 2')).toThrow('does not open');
  });
});
