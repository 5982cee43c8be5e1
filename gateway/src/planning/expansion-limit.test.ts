import { describe, expect, test } from '@jest/globals';
import { getOperationAST, parse } from 'graphql';
import { assertExpansionWithin } from './expansion-limit.js';

function check(source: string, maxSelections: number): void {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('The test needs one operation');
  assertExpansionWithin(document, operation, maxSelections);
}

describe('the expansion limit', () => {
  test('counts fields, fragments and what these spread', () => {
    const source = '{ a { ...F } b { ...F ... on T { c } } } fragment F on T { d e { f } }';

    expect(() => check(source, 13)).not.toThrow();
    expect(() => check(source, 11)).toThrow(expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX' }));
  });

  test('counts a chain that doubles a thousand times without following it', () => {
    const fragments = Array.from(
      { length: 1_000 },
      (_, index) => `fragment F${index} on T { ...F${index + 1} ...F${index + 1} }`,
    );

    expect(() => check(`{ ...F0 } ${fragments.join(' ')} fragment F1000 on T { a }`, 20_000)).toThrow(
      expect.objectContaining({ code: 'OPERATION_TOO_COMPLEX' }),
    );
  });

  test('ends on a circle of fragments', () => {
    expect(() => check('{ ...A } fragment A on T { ...B } fragment B on T { ...A }', 100)).not.toThrow();
  });
});
