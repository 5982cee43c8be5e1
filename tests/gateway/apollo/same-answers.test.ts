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

test('a subscription is refused, with the reason', async () => {
  const { data, errors } = await ours.ask('subscription { userChanged(id: 1) { id } }');

  expect(data).toBeUndefined();
  expect(errors).toMatchObject([{ message: expect.stringContaining('no subscriptions') }]);
});

const bothAfter = async (prepare: () => void, query: string) => {
  prepare();
  const expected = await theirs.ask(query);
  prepare();
  return { expected, actual: await ours.ask(query) };
};

test.each([
  ['for everybody', ['max-age=30, public', 'max-age=20'], 'max-age=20, public'],
  ['for one', ['max-age=30, private', 'max-age=60, public'], 'max-age=30, private'],
  ['not at all where one says nothing', ['max-age=30, public', undefined], 'no-store'],
] as const)('an answer may be kept as long as all of its subgraphs say: %s', async (_name, said, told) => {
  const [ofAccounts, ofReviews] = said.map((text) => (text === undefined ? {} : { 'cache-control': text }));
  const user = { __typename: 'User', id: 'u1', name: 'Ada' };
  const prepare = (): void => {
    servers.subgraph('accounts').answerNext({ kind: 'json', body: { data: { me: user } }, headers: ofAccounts ?? {} });
    const body = { data: { _entities: [{ reviews: [] }] } };
    servers.subgraph('reviews').answerNext({ kind: 'json', body, headers: ofReviews ?? {} });
  };

  const { expected, actual } = await bothAfter(prepare, '{ me { name reviews { body } } }');

  expect(actual).toEqual(expected);
  expect(actual).toMatchObject({ data: { me: { name: 'Ada', reviews: [] } }, cacheControl: told });
});

describe('where a subgraph fails', () => {
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

  test.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
  ])('a refusal with status %i is %s, whatever it says', async (status, code) => {
    for (const body of ['{"errors":[{"message":"No"}]}', 'No']) {
      const { expected, actual } = await bothAfter(
        () => servers.subgraph('accounts').answerNext({ kind: 'text', status, body }),
        '{ me { id } }',
      );

      expect(actual.data).toEqual(expected.data);
      for (const { errors } of [expected, actual]) expect(errors).toMatchObject([{ extensions: { code } }]);
    }
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
