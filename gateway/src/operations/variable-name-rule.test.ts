import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { variableNameRule } from './variable-name-rule.js';

const schema = buildSchema('type Query { a(text: String): Int }');
const faultsOf = (name: string): string[] =>
  validate(schema, parse(`query ($${name}: String = "x") { a(text: $${name}) }`), [variableNameRule]).map(
    ({ message }) => message,
  );

test('a variable by the name of __proto__ is named as what is wrong, its likes are not', () => {
  expect(faultsOf('__proto__')).toEqual([expect.stringContaining('$__proto__')]);
  expect(faultsOf('constructor')).toEqual([]);
  expect(faultsOf('proto')).toEqual([]);
});
