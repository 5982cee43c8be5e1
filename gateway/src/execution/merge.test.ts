import { describe, expect, test } from '@jest/globals';
import { FailedField } from './failed-field.js';
import { copyTree, mergeInto } from './merge.js';
import type { ResultTree } from './result-tree.js';

const facts = {
  possibleTypes: new Map([['Item', new Set(['Book'])]]),
  fieldNames: new Set<string>(),
  required: new Set<string>(),
  requiredWithArguments: new Set<string>(),
};

function merged(target: ResultTree, source: ResultTree): ResultTree {
  mergeInto(target, source, facts);
  return target;
}

describe('merging', () => {
  test('joins objects and the objects of lists', () => {
    expect(merged({ a: { b: 1 }, list: [{ x: 1 }, null] }, { a: { c: 2 }, list: [{ y: 1 }, { y: 2 }] })).toEqual({
      a: { b: 1, c: 2 },
      list: [{ x: 1, y: 1 }, { y: 2 }],
    });
  });

  test('keeps a value that another fetch has as null', () => {
    expect(merged({ a: { b: 1 } }, { a: null })).toEqual({ a: { b: 1 } });
  });

  test('keeps the name of an object type over that of its interface', () => {
    expect(merged({ __typename: 'Item' }, { __typename: 'Book' })).toEqual({ __typename: 'Book' });
    expect(merged({ __typename: 'Book' }, { __typename: 'Item' })).toEqual({ __typename: 'Book' });
  });

  test('tells what went wrong below a value that another fetch has, in whatever order they come', () => {
    const fault = { message: 'broken', extensions: undefined };
    const failed = (): FailedField => new FailedField([{ fault, below: [0, 'b'] }]);
    const told = { a: [{ c: 1, b: new FailedField([{ fault, below: [] }]) }] };

    expect(merged({ a: [{ c: 1 }] }, { a: failed() })).toEqual(told);
    expect(merged({ a: failed() }, { a: [{ c: 1 }] })).toEqual(told);
    expect(merged({ a: failed() }, { a: [{ c: 1, b: 2 }] })).toEqual({ a: [{ c: 1, b: 2 }] });
  });

  test('takes no prototype from an answer', () => {
    const target = merged({}, JSON.parse('{"__proto__": {"polluted": true}, "a": 1}') as ResultTree);

    expect(Object.getPrototypeOf(target)).toBe(Object.prototype);
    expect(target['polluted']).toBeUndefined();
  });

  test('leaves a failure only at what no other fetch brought', () => {
    const fault = { fault: { message: 'x', extensions: undefined }, below: [] };
    const fields = {
      fields: new Map([
        ['b', undefined],
        ['c', undefined],
      ]),
      fragments: [],
    };

    for (const target of [
      merged({ a: new FailedField([fault], fields) }, { a: { b: 1 } }),
      merged({ a: { b: 1 } }, { a: new FailedField([fault], fields) }),
    ]) {
      expect(target).toEqual({ a: { b: 1, c: new FailedField([fault]) } });
    }
  });

  test('copies deeply where objects must not be shared', () => {
    const source = { a: [{ b: 1 }] };

    expect(copyTree(source)).toEqual(source);
    expect(copyTree(source).a[0]).not.toBe(source.a[0]);
  });
});
