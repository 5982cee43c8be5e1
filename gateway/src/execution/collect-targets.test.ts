import { describe, expect, test } from '@jest/globals';
import { compileCollect } from './collect-targets.js';
import { failedBy } from './failed-field.js';
import type { ResultTree } from './result-tree.js';
import type { FlattenPath } from '../planning/query-plan.js';

const facts = {
  possibleTypes: new Map([['Item', new Set(['Book'])]]),
  fieldNames: new Set<string>(),
  required: new Set<string>(),
  requiredWithArguments: new Set<string>(),
};

function collected(root: ResultTree, path: FlattenPath): ResultTree[] {
  const targets: ResultTree[] = [];
  compileCollect(path, facts)(root, targets);
  return targets;
}

describe('collecting', () => {
  test('finds the objects of a list and leaves out what could not be had', () => {
    const failed = failedBy({ message: 'broken', extensions: undefined });
    const tree = { items: [{ a: { id: 1 } }, null, failed, { a: failed }, { a: { id: 2 } }] };

    expect(collected(tree, [{ Field: 'items' }, '@', { Field: 'a' }])).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test.each([
    ['one mark for all of them', ['@'] as const],
    ['one mark for each of them', ['@', '@'] as const],
  ])('goes through lists of lists by %s', (_, marks) => {
    const tree = { rows: [[{ a: { id: 1 } }], null, [null, { a: { id: 2 } }]] };

    expect(collected(tree, [{ Field: 'rows' }, ...marks, { Field: 'a' }])).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('tells types apart in lists of lists', () => {
    const tree = { rows: [[{ __typename: 'Book' }, { __typename: 'Film' }]] };

    expect(collected(tree, [{ Field: 'rows' }, '@', { TypeCondition: ['Item'] }])).toEqual([{ __typename: 'Book' }]);
  });

  test('finds an object at every depth at which it stands, also below itself', () => {
    const friends: ResultTree[] = [];
    const ada: ResultTree = { friends };
    friends.push(ada, { friends: [{ id: 3 }] });
    const below = [{ Field: 'friends' }, '@'] as const;

    expect(collected({ ada }, [{ Field: 'ada' }, ...below, ...below, ...below])).toEqual([...friends, { id: 3 }]);
  });
});
