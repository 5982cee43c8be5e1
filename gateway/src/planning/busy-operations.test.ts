import { expect, test } from '@jest/globals';
import type { Principal } from '@tessera/service/identity';
import { createBusyOperations } from './busy-operations.js';

test('the busiest operations come first, each operation of a document for itself', () => {
  const operations = createBusyOperations();
  for (const name of ['A', 'B', 'B', undefined, undefined, undefined]) operations.record('{ a }', 'hash', name);

  expect(operations.busiest(2).map(({ operationName }) => operationName)).toEqual([undefined, 'B']);
});

test('what is used less is forgotten first, and what was busy once does not stay so', () => {
  const operations = createBusyOperations(4);
  for (const name of ['old', 'old', 'old', 'old', 'b', 'b', 'c', 'd', 'new', 'new', 'new']) {
    operations.record(`{ ${name} }`, name, undefined);
  }

  expect(operations.busiest(10).map(({ hash }) => hash)).toEqual(['new', 'old', 'b']);
});

test('callers are remembered by what they may, the last eight kinds of them', () => {
  const operations = createBusyOperations();
  const reader = (userId: string, scope: string): Principal => ({ kind: 'user', userId, roles: [], scopes: [scope] });
  operations.record('{ a }', 'hash', undefined);

  for (let kind = 0; kind < 9; kind += 1) operations.recordCaller('hash', undefined, reader('ann', `scope-${kind}`));
  operations.recordCaller('hash', undefined, reader('ben', 'scope-1'));
  operations.recordCaller('never recorded', undefined, reader('ann', 'scope-1'));

  const [{ callers = [] } = {}] = operations.busiest(1);
  expect(callers).toHaveLength(8);
  expect(callers.at(-1)).toEqual(reader('ben', 'scope-1'));
  expect(callers).not.toContainEqual(reader('ann', 'scope-0'));
});
