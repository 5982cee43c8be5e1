import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { createOverlapLimit } from './overlap-limit.js';

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const check = (source: string, maxComparisons: number): void => createOverlapLimit(maxComparisons)(parse(source));
const tooComplex = expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX' });

describe('the limit of comparisons', () => {
  test.each([
    ['fields of one response key', '{ a a a a }', 6],
    ['aliases and fields of one key', '{ a b: a b }', 1],
    ['fields that inline fragments bring together', '{ a ... on T { a ... { a } } }', 3],
    ['fields below fields that are one', '{ a { b b } a { b b } }', 1 + 6],
    ['fragments of one scope, and their fields', '{ ...F ...G } fragment F on T { a } fragment G on T { a }', 2],
    ['a fragment once in each scope', '{ ...F ...F ...F } fragment F on T { a }', 0],
  ])('counts %s', (_what, source, comparisons) => {
    expect(() => check(source, comparisons)).not.toThrow();
    if (comparisons > 0) expect(() => check(source, comparisons - 1)).toThrow(tooComplex);
  });

  test('does not count fields of different keys, or of different objects', () => {
    expect(() => check(`{ ${repeat(500, (index) => `a${index}: x { id }`)} }`, 0)).not.toThrow();
  });

  test('ends on a circle of fragments', () => {
    expect(() => check('{ ...A } fragment A on T { a ...B } fragment B on T { ...A }', 10)).not.toThrow();
  });

  test('gives up early', () => {
    const before = process.threadCpuUsage();

    expect(() => check(`{ ${repeat(70, () => `a { ${repeat(70, () => 'b')} }`)} }`, 30_000)).toThrow(tooComplex);

    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(500);
  });
});
