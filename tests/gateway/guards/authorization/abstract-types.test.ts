import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProtectedGraph, type ProtectedGraph } from '../../support/protected-graph.js';
import { library } from './library.js';

/** Compositions before 2.12 did not carry rules from implementations to their interfaces, nor back. */
function withoutRuleIn(part: RegExp) {
  return (sdl: string): string => {
    const changed = sdl.replace(part, (text) => text.replace('@authenticated', ''));
    if (changed === sdl) throw new Error('The part carries no rule');
    return changed;
  };
}

const compositions = [
  ['as composition writes it today', (sdl: string) => sdl],
  ['as older compositions wrote it', withoutRuleIn(/^interface Item[^}]*}/m)],
] as const;

describe.each(compositions)('an interface %s', (_name, changeSupergraph) => {
  let graph: ProtectedGraph;

  beforeAll(async () => {
    graph = await startProtectedGraph({ subgraphs: library, changeSupergraph });
  });

  afterAll(() => graph.close());

  test('does not give away a field that one of its implementations protects', async () => {
    graph.asked('items');

    const answer = await graph.ask('{ items { title notes } }');

    expect(answer.data).toEqual({
      items: [
        { title: 'Dune', notes: null },
        { title: 'Alien', notes: null },
      ],
    });
    expect(answer.errors).toHaveLength(2);
    expect(graph.asked('items')).not.toContain('notes');
  });

  test('answers it to who may have it', async () => {
    const answer = await graph.ask('{ items { title notes } }', {});

    expect(answer.data?.['items']).toEqual([
      { title: 'Dune', notes: 'first edition' },
      { title: 'Alien', notes: 'scratched' },
    ]);
  });

  test('tells implementations apart where the operation does', async () => {
    const answer = await graph.ask('{ items { __typename ... on Book { notes } ... on Film { notes } } }');

    expect(answer.data?.['items']).toEqual([
      { __typename: 'Book', notes: 'first edition' },
      { __typename: 'Film', notes: null },
    ]);
    expect(answer.errors).toMatchObject([{ path: ['items', 1, 'notes'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test('protects through a fragment that is used elsewhere for an unprotected implementation', async () => {
    const answer = await graph.ask('{ items { ...Notes ... on Book { ...Notes } } } fragment Notes on Item { notes }');

    expect(answer.data?.['items']).toEqual([{ notes: null }, { notes: null }]);
  });

  test('protects on entities of another subgraph', async () => {
    graph.asked('items');

    const answer = await graph.ask('{ person(id: "p1") { borrowed { title notes } } }');

    expect(answer.data).toEqual({
      person: {
        borrowed: [
          { title: 'Dune', notes: null },
          { title: 'Alien', notes: null },
        ],
      },
    });
    expect(graph.asked('items')).not.toContain('notes');
  });

  test('asks for the scopes of a field that only one implementation has', async () => {
    const query = '{ items { title ... on Film { contract } } }';

    expect((await graph.ask(query, {})).data?.['items']).toEqual([
      { title: 'Dune' },
      { title: 'Alien', contract: null },
    ]);
    expect((await graph.ask(query, { scope: 'legal' })).data?.['items']).toEqual([
      { title: 'Dune' },
      { title: 'Alien', contract: 'secret contract' },
    ]);
  });
});

describe('a union', () => {
  let graph: ProtectedGraph;

  beforeAll(async () => {
    graph = await startProtectedGraph({ subgraphs: library });
  });

  afterAll(() => graph.close());

  test('does not give away the fields of a protected member', async () => {
    graph.asked('items');

    const answer = await graph.ask('{ found { ... on Book { title } ... on Card { number } } }');

    expect(answer.data?.['found']).toEqual([{ title: 'Dune' }, { number: null }]);
    expect(answer.errors).toMatchObject([{ path: ['found', 1, 'number'] }]);
    expect(graph.asked('items')).not.toContain('number');
  });

  test('is withheld where all of its members are', async () => {
    expect((await graph.ask('{ shelves { __typename } }')).data).toBeNull();
    expect((await graph.ask('{ shelves { __typename } }', {})).data).toEqual({ shelves: [{ __typename: 'Card' }] });
  });
});

describe.each([
  ['as composition writes it today', (sdl: string) => sdl],
  ['as older compositions wrote it', withoutRuleIn(/^type Song[^}]*}/m)],
] as const)('a field that an @interfaceObject adds, %s,', (_name, changeSupergraph) => {
  let graph: ProtectedGraph;

  beforeAll(async () => {
    graph = await startProtectedGraph({
      changeSupergraph,
      subgraphs: {
        media: {
          typeDefs: `type Query { all: [Media!]! }
            interface Media @key(fields: "id") { id: ID! }
            type Song implements Media @key(fields: "id") { id: ID! }`,
          resolvers: { Query: { all: () => [{ __typename: 'Song', id: 's1' }] } },
        },
        ratings: {
          typeDefs: `type Media @key(fields: "id") @interfaceObject { id: ID! rating: Int @authenticated }`,
          resolvers: { Media: { rating: () => 5 } },
        },
      },
    });
  });

  afterAll(() => graph.close());

  test.each(['{ all { rating } }', '{ all { ... on Song { rating } } }'])('is protected in %s', async (query) => {
    expect((await graph.ask(query)).data).toEqual({ all: [{ rating: null }] });
    expect((await graph.ask(query, {})).data).toEqual({ all: [{ rating: 5 }] });
    expect(graph.asked('ratings')).toContain('rating');
  });
});
