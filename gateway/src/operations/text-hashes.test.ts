import { describe, expect, test } from '@jest/globals';
import { hashOf } from './document-store.js';
import { createTextHashes } from './text-hashes.js';

describe('the hash of a text', () => {
  test('is the same whether it is remembered, forgotten, or too long to be', () => {
    const textHashOf = createTextHashes(2);
    const texts = ['{ a }', '{ b }', '{ a }', '{ c }', '{ a }', '', `{ ${'a '.repeat(10_000)} }`, '__proto__'];

    expect([...texts, ...texts].map(textHashOf)).toEqual([...texts, ...texts].map(hashOf));
  });
});
