import type { OperationInput } from './operation-input.js';

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'];

/** Names that every JavaScript object has already. */
export const nameInputs: readonly OperationInput[] = [
  ...names.flatMap((name): OperationInput[] => [
    { name: `an alias ${name}`, operation: { query: `{ ${name}: self { ${name}: label } }` } },
    {
      name: `a variable ${name}`,
      operation: {
        query: `query ($${name}: String = "x", $b: Boolean = true) { echo(text: $${name}) self @include(if: $b) { id } }`,
        variables: { b: true, ...(name === '__proto__' ? {} : { [name]: 'given' }) },
      },
      // Its default value would be lost, which nobody would notice.
      ...(name === '__proto__' && { refusedAs: /^GRAPHQL_VALIDATION_FAILED$/ }),
    },
    {
      name: `an operation ${name}`,
      operation: { query: `query ${name} { self { id } } query Other { greeting }`, operationName: name },
    },
    {
      name: `a fragment ${name}`,
      operation: { query: `{ self { ...${name} } } fragment ${name} on Self { id extra }` },
    },
  ]),
  {
    name: 'an operation that is not there, but is on every object',
    operation: { query: 'query A { greeting }', operationName: 'constructor' },
    refusedAs: /^BAD_USER_INPUT$/,
  },
  {
    name: 'a key __proto__ in variables',
    operation: { query: 'query ($v: JSON) { echo(value: $v) }', variables: JSON.parse('{"v":{"__proto__":{"a":1}}}') },
    refusedAs: /^BAD_USER_INPUT$/,
  },
  {
    name: 'a key constructor in variables',
    operation: {
      query: 'query ($v: JSON) { echo(value: $v) }',
      variables: { v: { constructor: { prototype: { polluted: true } } } },
    },
  },
];

/** What variables can be instead of what they should. */
export const variableInputs: readonly OperationInput[] = [
  ...[
    ['a list of 2,000 items', { ids: Array.from({ length: 2_000 }, () => '1') }],
    ['lists that nest 100 levels', { ids: JSON.parse(`${'['.repeat(100)}1${']'.repeat(100)}`) as unknown }],
    ['lists that nest 5,000 levels', { ids: JSON.parse(`${'['.repeat(5_000)}1${']'.repeat(5_000)}`) as unknown }],
    ['objects that nest 60 levels', { input: JSON.parse(`${'{"a":'.repeat(60)}{}${'}'.repeat(60)}`) as unknown }],
    ['900 faulty items', { ids: Array.from({ length: 900 }, () => ({})) }],
    ['a list', ['x']],
    ['a text', 'x'],
  ].map(([name, variables]): OperationInput => ({
    name: `variables with ${String(name)}`,
    operation: { query: 'query ($ids: [ID!], $input: Nested) { echo(ids: $ids, input: $input) }', variables },
    // A socket is closed for what is no request at all.
    refusedAs: /^(BAD_USER_INPUT|4400)$/,
  })),
  {
    name: 'a variable beyond 32 bits',
    operation: { query: 'query ($n: Int) { self { list(first: $n) { id } } }', variables: { n: 2_147_483_648 } },
    refusedAs: /^BAD_USER_INPUT$/,
  },
];
