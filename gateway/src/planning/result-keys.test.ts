import { describe, expect, test } from '@jest/globals';
import { parse, visit, type FieldNode } from 'graphql';
import { createResultKeys } from './result-keys.js';

const facts = {
  possibleTypes: new Map(),
  fieldNames: new Set(['name', 'price', 'upc', 'constructor', 'x_0']),
  required: new Set(['upc', 'price', 'size']),
  requiredWithArguments: new Set(['size']),
};

function keysOf(source: string) {
  const keys = createResultKeys(facts);
  const found: string[] = [];
  visit(parse(source), { Field: (field: FieldNode) => void found.push(keys.keyOf(field)) });
  return { found, keys };
}

describe('result keys', () => {
  test('are the keys of the response where these mean one thing', () => {
    expect(keysOf('{ name title: name price first(count: 1) }').found).toEqual(['name', 'title', 'price', 'first']);
  });

  test('differ from an alias that is another field’s name', () => {
    const { found, keys } = keysOf('{ upc: name upc }');

    expect(found).toEqual(['upc_0', 'upc']);
    expect(found.map((key) => keys.responseKeyOf(key))).toEqual(['upc', 'upc']);
  });

  test('differ where one alias stands for different arguments, and not for the order in which they are written', () => {
    expect(keysOf('{ x: f(a: 1, b: {c: 1, d: 2}) x: f(b: {d: 2, c: 1}, a: 1) x: f(a: 2) }').found).toEqual([
      'x',
      'x',
      'x_1',
    ]);
  });

  test('leave the bare name to a field that is required with arguments', () => {
    expect(keysOf('{ size price(currency: "JPY") }').found).toEqual(['size_0', 'price_0']);
  });

  test('are never names that every object has, nor the planner’s', () => {
    expect(keysOf('{ __proto__: name constructor _entities: name __typename t: __typename }').found).toEqual([
      'proto___0',
      'constructor_0',
      'entities_0',
      '__typename',
      '__typename',
    ]);
  });

  test('are names also where an alias is nothing but underscores and digits', () => {
    expect(keysOf('{ _: name _0: price }').found).toEqual(['field_0', 'field0_0']);
  });
});
