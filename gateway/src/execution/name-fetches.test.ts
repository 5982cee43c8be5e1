import { describe, expect, test } from '@jest/globals';
import { createFetchNames } from './name-fetches.js';

const fetch = (operation: string, serviceName = 'tenant') => ({ serviceName, operation });

describe('what a subgraph is sent', () => {
  test.each([
    ['{tenant{id}}', 'query Board__tenant__0{tenant{id}}'],
    ['query{tenant{id}}', 'query Board__tenant__0{tenant{id}}'],
    ['query ($id: ID!) { tenant(id: $id) { id } }', 'query Board__tenant__0($id: ID!) { tenant(id: $id) { id } }'],
    ['mutation($id: ID!){archive(id: $id)}', 'mutation Board__tenant__0($id: ID!){archive(id: $id)}'],
  ])('has the name of its operation and subgraph, and its number: %s', (planned, query) => {
    expect(createFetchNames('Board')(fetch(planned))).toEqual({ query, operationName: 'Board__tenant__0' });
  });

  test('is numbered as it stands in the plan, and named by characters that a name may have', () => {
    const name = createFetchNames('Board');

    expect([name(fetch('{a}')), name(fetch('{a}', 'my-files'))].map(({ operationName }) => operationName)).toEqual([
      'Board__tenant__0',
      'Board__my_files__1',
    ]);
  });

  test.each([
    ['of an operation without one', undefined, '{a}'],
    ['of an operation whose name is long', 'a'.repeat(101), '{a}'],
    ['that begins with a fragment', 'Board', 'fragment f on Tenant{id} {tenant{...f}}'],
  ])('has no name where it is one %s', (_what, operationName, operation) => {
    expect(createFetchNames(operationName)(fetch(operation))).toEqual({ query: operation, operationName: undefined });
  });

  test('keeps the name that a planner has given it', () => {
    const named = { ...fetch('query Board__tenant__3{a}'), operationName: 'Board__tenant__3' };

    expect(createFetchNames('Board')(named)).toEqual({
      query: 'query Board__tenant__3{a}',
      operationName: 'Board__tenant__3',
    });
  });
});
