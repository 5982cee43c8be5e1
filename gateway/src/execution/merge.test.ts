import { describe, expect, test } from '@jest/globals';
import { FailedField, failedBy, type Failure } from './failed-field.js';
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

function aFailure(fault: Failure['faults'][number]['fault'], position: number, keys: readonly string[]): Failure {
  const faults = [{ fault, below: [] }];
  const fields = { fields: new Map(keys.map((key) => [key, undefined])), fragments: [] };
  return { faults, causes: faults, position, fields };
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
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
    const failed = (): FailedField => failedBy(fault, 0, [0, 'b']);
    const told = { a: [{ c: 1, b: failedBy(fault) }] };

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
    const fault = { message: 'x', extensions: undefined };
    const failed = new FailedField(aFailure(fault, 0, ['b', 'c']));

    for (const value of [{ b: 1 }, [{ b: 1 }]]) {
      for (const [first, second] of [
        [failed, value],
        [value, failed],
      ]) {
        const { a } = merged({ a: copyTree(first) }, { a: copyTree(second) });
        expect([a].flat()).toEqual([{ b: 1, c: failedBy(fault) }]);
      }
    }
  });

  test('hears the fetch that the plan has first, whoever answers first', () => {
    const early = new FailedField(aFailure({ message: 'early', extensions: undefined }, 1, ['b', 'c']));
    const late = new FailedField(aFailure({ message: 'late', extensions: undefined }, 2, ['c', 'd']));
    const silent = new FailedField({ ...aFailure({ message: '', extensions: undefined }, 0, ['c']), faults: [] });
    const sources = [early, late, silent, { e: 1 }];

    const told = permutations(sources).map((order) => {
      const target: ResultTree = {};
      for (const source of order) mergeInto(target, { a: copyTree(source) }, facts);
      const object = target['a'] as Record<string, FailedField>;
      return ['b', 'c', 'd'].map((key) => object[key]?.faults.map(({ fault }) => fault.message));
    });

    expect(told).toEqual(told.map(() => [['early'], ['early'], ['late']]));
  });

  test('copies deeply where objects must not be shared', () => {
    const source = { a: [{ b: 1 }] };

    expect(copyTree(source)).toEqual(source);
    expect(copyTree(source).a[0]).not.toBe(source.a[0]);
  });
});
