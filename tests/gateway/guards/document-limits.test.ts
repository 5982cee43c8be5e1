import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { GraphQLFormattedError } from 'graphql';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({
    environment: {
      MAX_DEPTH: '5',
      MAX_ALIASES: '4',
      MAX_ROOT_FIELDS: '6',
      MAX_TOKENS: '15000',
      INTROSPECTION: 'false',
    },
  });
});

afterAll(async () => {
  await running.close();
});

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const doublingFragments = `{ people { ...f0 } } ${repeat(40, (index) => `fragment f${index} on Person { a: id ...f${index + 1} ...f${index + 1} }`)} fragment f40 on Person { id }`;

const attacks: readonly (readonly [string, string, string])[] = [
  ['too deep', `{ people ${'{ friends '.repeat(6)} { id } ${'}'.repeat(6)} }`, 'OPERATION_TOO_COMPLEX'],
  ['too many aliases', `{ ${repeat(5, (index) => `a${index}: openAlerts`)} }`, 'OPERATION_TOO_COMPLEX'],
  [
    'aliases hidden in a fragment',
    '{ ...a ...a } fragment a on Query { a: openAlerts b: openAlerts c: openAlerts }',
    'OPERATION_TOO_COMPLEX',
  ],
  ['too many root fields', `{ ${'openAlerts '.repeat(7)} }`, 'OPERATION_TOO_COMPLEX'],
  ['fragments that double forty times', doublingFragments, 'OPERATION_TOO_COMPLEX'],
  [
    'fields nested beyond the stack',
    `{ people ${'{ friends '.repeat(4_900)} { id } ${'}'.repeat(4_900)} }`,
    'GRAPHQL_PARSE_FAILED|OPERATION_TOO_COMPLEX',
  ],
  [
    'lists nested beyond the stack',
    `{ person(id: ${'['.repeat(7_000)}${']'.repeat(7_000)}) { id } }`,
    'GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|OPERATION_TOO_COMPLEX',
  ],
  ['too many tokens', `{ ${'openAlerts '.repeat(16_000)} }`, 'OPERATION_TOO_LARGE'],
  [
    'a circle of fragments',
    '{ people { ...a } } fragment a on Person { ...b } fragment b on Person { ...a }',
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['a number that is infinite', '{ person(id: 1e400) { id } }', 'BAD_USER_INPUT'],
  ['a list of whole numbers of 400 digits', `{ person(id: [${'9'.repeat(400)}]) { id } }`, 'BAD_USER_INPUT'],
  ['a default that is infinite', 'query ($a: ID = -1e999) { person(id: $a) { id } }', 'BAD_USER_INPUT'],
  ['introspection', '{ __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['introspection by name', '{ __type(name: "Person") { name } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['entities', '{ _entities(representations: []) { __typename } }', 'GRAPHQL_VALIDATION_FAILED'],
];

describe.each(attacks)('%s', (_name, query, codes) => {
  const expected = expect.stringMatching(new RegExp(`^(${codes})$`));

  test('is refused over HTTP in no time', async () => {
    const startedAtMs = performance.now();

    const answer = await running.post({ query });

    expect(answer.code).toEqual(expected);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  });

  test('is refused over WebSocket', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();

    socket.send({ id: '1', type: 'subscribe', payload: { query } });

    const { type, payload } = await socket.next();
    expect(type).toBe('error');
    expect((payload as GraphQLFormattedError[])[0]?.extensions?.['code']).toEqual(expected);
    socket.socket.close();
  });
});

test('what keeps within the limits runs', async () => {
  const answer = await running.post({ query: '{ a: people { friends { friends { b: id } } } __typename }' });

  expect(answer.body.errors).toBeUndefined();
});

test('where introspection is off, errors suggest no names', async () => {
  const answer = await running.post({ query: '{ persn(id: 1) { id } }' });

  expect(answer.body.errors?.[0]?.message).not.toContain('person');
});
