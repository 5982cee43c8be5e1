import { expect, test } from '@jest/globals';
import { getOperationAST, parse } from 'graphql';
import { assertRunnable } from './assert-runnable.js';

const check = (source: string, operationName?: string) => () => {
  const document = parse(source);
  const operation = getOperationAST(document, operationName) ?? undefined;
  assertRunnable({ document, operation, request: operationName === undefined ? {} : { operationName } });
};

test.each([
  [check('query A { a } query B { b }', 'C'), 'Unknown operation named "C".'],
  [check('query A { a } query B { b }'), 'Must provide operation name if query contains multiple operations.'],
  [check('{ echo(json: 1e400) }'), 'Document has a number that is too large'],
  [check('{ echo(json: { list: [-1e999] }) }'), 'Document has a number that is too large'],
  [check('subscription { tick }'), 'Apollo Server runs no subscriptions by its gateway'],
])('what Apollo Server leaves to its gateway is refused with the reason (%#)', (run, reason) => {
  expect(run).toThrow(reason);
});

test('what is there and runs is let pass, each time', () => {
  const run = check('query A { a(b: 1.5) } query B { b }', 'A');

  expect(run).not.toThrow();
  expect(run).not.toThrow();
});
