import { expect, test } from '@jest/globals';
import { getOperationAST, parse } from 'graphql';
import { allDecisions, findConditions, textOfDecisions } from './conditions.js';

const conditionsOf = (source: string) => {
  const document = parse(source);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('There is no operation');
  return findConditions(document, operation);
};

test('an operation depends on the variables of its conditions, in fragments too', () => {
  const { variables, most } = conditionsOf(
    'query ($a: Boolean!, $b: Boolean!, $c: Int) { x(c: $c) @skip(if: $a) ...F y @include(if: true) } fragment F on Query { z @include(if: $b) }',
  );

  expect(variables).toEqual(['a', 'b']);
  expect(most).toEqual({ a: false, b: true });
});

test('an operation has as many variants as its variables have values', () => {
  const source = 'query ($a: Boolean!, $b: Boolean!) { x @skip(if: $a) y @skip(if: $b) }';

  expect(allDecisions(conditionsOf(source))).toHaveLength(4);
  expect(allDecisions(conditionsOf('{ x }'))).toEqual([{}]);
});

test('values that decide the same are the same, whatever else is given', () => {
  const conditions = conditionsOf('query ($a: Boolean!) { x @skip(if: $a) }');

  expect(textOfDecisions(conditions, { a: true, b: 1 })).toBe(textOfDecisions(conditions, { a: true }));
  expect(textOfDecisions(conditions, { a: true })).not.toBe(textOfDecisions(conditions, { a: false }));
});
