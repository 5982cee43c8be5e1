import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { shop } from '../support/shop.js';
import { startApolloServers, type ApolloServers, type OpenServer } from './apollo-servers.js';

let servers: ApolloServers;
let theirs: OpenServer;
let ours: OpenServer;

beforeAll(async () => {
  servers = await startApolloServers(shop);
  theirs = await servers.open('ApolloGateway');
  ours = await servers.open('TesseraGateway');
});

afterAll(() => servers.close());

const operations: Readonly<Record<string, readonly [string, Record<string, unknown>?]>> = {
  'one subgraph': ['{ me { id name } }'],
  'aliases and arguments': ['{ me { loud: name(upper: true) name } }'],
  'entities of other subgraphs': ['{ users { name reviews { body product { name price } } } }'],
  '@requires': ['{ products { upc shipping } }'],
  'variables with defaults': ['query ($upper: Boolean = true) { me { name(upper: $upper) } }'],
  'input objects': ['query ($input: EchoInput) { echo(input: $input) }', { input: { color: 'BLUE' } }],
  '@skip and @include': ['query ($no: Boolean!) { me { id @skip(if: $no) name @include(if: $no) } }', { no: true }],
  'fragments on an interface': [
    '{ media { __typename id ... on Book { pages } ...Film } } fragment Film on Film { minutes }',
  ],
  'a union': ['{ search { __typename ... on User { name } ... on Book { title pages } } }'],
  'mutations in a row': ['mutation { a: first(value: 1) second(value: 2) b: first(value: 3) }'],
  introspection: ['{ __schema { queryType { name } } __type(name: "Product") { fields { name } } }'],
  'an operation among several': ['query A { me { id } }'],
  'null for nothing found': ['{ user(id: "nobody") { name reviews { id } } }'],
  'a document that does not validate': ['{ me { nope } }'],
  'a document that does not parse': ['{ me {'],
  'variables that do not fit': ['query ($id: ID!) { user(id: $id) { id } }'],
};

describe('Apollo Server answers as with ApolloGateway', () => {
  test.each(Object.entries(operations))('%s', async (_name, [query, variables]) => {
    expect(await ours.ask(query, variables)).toEqual(await theirs.ask(query, variables));
  });
});

describe('where a subgraph fails', () => {
  const bothAfter = async (prepare: () => void, query: string) => {
    prepare();
    const expected = await theirs.ask(query);
    prepare();
    return { expected, actual: await ours.ask(query) };
  };

  test('its errors come with their codes, the subgraph’s name, and at their paths', async () => {
    const error = { message: 'Not yours', path: ['me', 'name'], extensions: { code: 'MY_OWN_CODE', hint: 1 } };

    const { expected, actual } = await bothAfter(
      () =>
        servers.subgraph('accounts').answerNext({
          kind: 'json',
          body: { data: { me: { id: 'u1', name: null } }, errors: [error] },
        }),
      '{ me { id name } }',
    );

    expect(actual).toEqual(expected);
    expect(actual.errors).toEqual([
      {
        message: 'Not yours',
        path: ['me', 'name'],
        extensions: { code: 'MY_OWN_CODE', hint: 1, serviceName: 'accounts' },
      },
    ]);
  });

  test('an error without a code is a DOWNSTREAM_SERVICE_ERROR', async () => {
    const { expected, actual } = await bothAfter(
      () =>
        servers.subgraph('accounts').answerNext({ kind: 'json', body: { data: null, errors: [{ message: 'Oh no' }] } }),
      '{ me { id } }',
    );

    expect(actual.data).toEqual(expected.data);
    expect(actual.errors).toEqual(expected.errors);
    expect(actual.errors).toEqual([
      { message: 'Oh no', extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'accounts' } },
    ]);
  });

  test('the rest is answered, and the failure is told once', async () => {
    const { expected, actual } = await bothAfter(
      () =>
        servers
          .subgraph('reviews')
          .answerNext({ kind: 'text', status: 500, body: 'broken' }, { kind: 'text', status: 500, body: 'broken' }),
      '{ me { name reviews { body } } }',
    );

    expect(actual.data).toEqual(expected.data);
    expect(actual.errors).toHaveLength(expected.errors?.length ?? 0);
    expect(actual.errors?.[0]?.extensions).toMatchObject({ serviceName: 'reviews' });
    servers.subgraph('reviews').answerAlways(undefined);
  });

  test('null where it must not be is told as a completion, not as an error', async () => {
    const { expected, actual } = await bothAfter(
      () => servers.subgraph('accounts').answerNext({ kind: 'json', body: { data: { me: { id: null } } } }),
      '{ me { id } }',
    );

    expect(actual).toEqual(expected);
    expect(actual.errors).toBeUndefined();
  });
});
