import { describe, expect, test } from '@jest/globals';
import { getOperationAST, parse } from 'graphql';
import { compileTakeVariables } from './plain-variables.js';

function taken(definitions: string, given: Record<string, unknown>): unknown {
  const operation = getOperationAST(parse(`query (${definitions}) { field }`));
  if (operation == null) throw new Error('The text has no operation');
  return compileTakeVariables(operation)?.(given);
}

describe('variables of built-in scalars', () => {
  test('are taken over where they are what they should be', () => {
    const given = { id: 'a', count: -1, share: 0.5, name: '', isOn: false, unknown: 1 };

    const values = taken('$id: ID!, $count: Int, $share: Float, $name: String, $isOn: Boolean!', given);

    expect(values).toEqual({ id: 'a', count: -1, share: 0.5, name: '', isOn: false });
  });

  test.each([
    ['an absent one', '$id: ID', {}],
    ['null', '$id: ID', { id: null }],
    ['a number for an id', '$id: ID', { id: 1 }],
    ['a fraction for an integer', '$count: Int', { count: 1.5 }],
    ['more than 32 bits', '$count: Int', { count: 2 ** 31 }],
    ['a string for a number', '$share: Float', { share: '1' }],
    ['an inherited name', '$toString: String', {}],
    ['a list', '$ids: [ID!]', { ids: ['a'] }],
    ['an enum', '$color: Color', { color: 'RED' }],
    ['the prototype', '$__proto__: String', { ['__proto__']: 'a' }],
  ])('are left to graphql-js where there is %s', (_case, definitions, given) => {
    expect(taken(definitions, given)).toBeUndefined();
  });
});
