import { expect, test } from '@jest/globals';
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
