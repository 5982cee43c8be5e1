import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

/** Unions and interfaces of which each subgraph knows another part. */
describe.each([...planners, 'auto' as const])(
  'abstract types that differ between subgraphs (planned by %s)',
  (planner) => {
    let federation: Federation;

    beforeAll(async () => {
      const reference = { __resolveReference: ({ id }: { id: string }) => ({ id }) };
      const book = { __typename: 'Book', id: 'b1' };
      const film = { __typename: 'Film', id: 'f1' };
      const song = { __typename: 'Song', id: 's1' };
      federation = await startFederation(
        {
          shop: {
            typeDefs: `
            type Query { goods: [Good]  item: Item  offers: [Offer]  viewer: Viewer @shareable  shelf: Shelf }
            union Good = Book | Film
            interface Item { id: ID!  price: Int  related: [Item] }
            type Book implements Item @key(fields: "id") { id: ID!  price: Int  related: [Item]  label: Label }
            type Film implements Item @key(fields: "id") { id: ID!  price: Int  related: [Item] }
            interface Offer { good: Good  item: Item }
            type Sale implements Offer { good: Good  item: Item  percent: Int }
            type Gift implements Offer { good: Good  item: Item  from: Viewer }
            type Viewer @key(fields: "id") { id: ID!  cart: [Good] @shareable }
            type Label { text: String @shareable }
            union Shelf = Sale | Book`,
            resolvers: {
              Query: {
                goods: () => [book, film, null],
                item: () => film,
                offers: () => [
                  { __typename: 'Sale', good: book, item: film, percent: 10 },
                  { __typename: 'Gift', good: film, item: book, from: { id: 'v' } },
                ],
                viewer: () => ({ id: 'v' }),
                shelf: () => ({ __typename: 'Sale', good: film, percent: 5 }),
              },
              Book: { ...reference, price: () => 10, related: () => [film, book], label: () => ({ text: 'L' }) },
              Film: { ...reference, price: () => 20, related: () => [book] },
              Viewer: { ...reference, cart: () => [book] },
            },
          },
          press: {
            typeDefs: `
            type Query { hits: [Good]  viewer: Viewer @shareable  works: [Work!]! }
            union Good = Film | Song | Book
            interface Work { id: ID!  title: String }
            interface Item { id: ID!  title: String }
            type Book implements Work & Item @key(fields: "id") { id: ID!  title: String  author: Person }
            type Film implements Work & Item @key(fields: "id") { id: ID!  title: String  name: String  cast: [Person!] }
            type Song implements Work @key(fields: "id") { id: ID!  title: String  seconds: Int }
            interface Person { name: String }
            type Writer implements Person { name: String  pen: String }
            type Actor implements Person { name: String  roles: [Film] }
            type Viewer @key(fields: "id") { id: ID!  likes: [Work]  cart: [Good] @shareable }`,
            resolvers: {
              Query: { hits: () => [song, film], viewer: () => ({ id: 'v' }), works: () => [book, song, film] },
              Book: {
                ...reference,
                title: () => 'Dune',
                author: () => ({ __typename: 'Writer', name: 'Frank', pen: 'P' }),
              },
              Film: {
                ...reference,
                title: () => 'Alien',
                name: ({ id }: { id: string }) => `Film ${id}`,
                cast: () => [{ __typename: 'Actor', name: 'Sigourney', roles: [film] }],
              },
              Song: { ...reference, title: () => 'Hey', seconds: () => 99 },
              Viewer: { ...reference, likes: () => [film, song], cart: () => [book] },
            },
          },
        },
        { planner },
      );
    });

    afterAll(() => federation.close());

    test('answer members that one of the subgraphs does not know', async () => {
      const source = `{
      goods { __typename ... on Book { title price } ... on Film { title price } ... on Song { seconds } }
      hits { __typename ... on Book { price } ... on Film { price title } ... on Song { seconds } }
    }`;

      expect(await federation.run(source)).toEqual({
        data: {
          goods: [
            { __typename: 'Book', title: 'Dune', price: 10 },
            { __typename: 'Film', title: 'Alien', price: 20 },
            null,
          ],
          hits: [
            { __typename: 'Song', seconds: 99 },
            { __typename: 'Film', price: 20, title: 'Alien' },
          ],
        },
      });
    });

    test('have the fields of an interface from wherever an object has them', async () => {
      expect(await federation.run('{ item { id price title } works { id title ... on Item { price } } }')).toEqual({
        data: {
          item: { id: 'f1', price: 20, title: 'Alien' },
          works: [
            { id: 'b1', title: 'Dune', price: 10 },
            { id: 's1', title: 'Hey' },
            { id: 'f1', title: 'Alien', price: 20 },
          ],
        },
      });
    });

    test('stand in the middle of paths', async () => {
      const source = `{
      offers {
        good { ... on Book { author { name ... on Writer { pen } } } ... on Film { cast { name } } }
        item { price title related { id title price related { ... on Work { title } } } }
        ... on Gift { from { likes { title ... on Film { price } } } }
      }
    }`;
      const person = { name: 'Frank', pen: 'P' };

      expect(await federation.run(source)).toEqual({
        data: {
          offers: [
            {
              good: { author: person },
              item: {
                price: 20,
                title: 'Alien',
                related: [{ id: 'b1', title: 'Dune', price: 10, related: [{ title: 'Alien' }, { title: 'Dune' }] }],
              },
            },
            {
              good: { cast: [{ name: 'Sigourney' }] },
              item: {
                price: 10,
                title: 'Dune',
                related: [
                  { id: 'f1', title: 'Alien', price: 20, related: [{ title: 'Dune' }] },
                  { id: 'b1', title: 'Dune', price: 10, related: [{ title: 'Alien' }, { title: 'Dune' }] },
                ],
              },
              from: { likes: [{ title: 'Alien', price: 20 }, { title: 'Hey' }] },
            },
          ],
        },
      });
    });

    test('may be asked for by fragments on other abstract types', async () => {
      const source = `{
      goods { ... on Item { id price } ... on Work { ... on Item { title } } }
      shelf { ... on Offer { good { __typename } } ... on Item { price } }
    }`;

      expect(await federation.run(source)).toEqual({
        data: {
          goods: [{ id: 'b1', price: 10, title: 'Dune' }, { id: 'f1', price: 20, title: 'Alien' }, null],
          shelf: { good: { __typename: 'Film' } },
        },
      });
    });

    test('tell their types under any alias, in any fragment', async () => {
      const source =
        '{ works { kind: __typename ... on Work { again: __typename } ...F } } fragment F on Song { third: __typename }';

      expect(await federation.run(source)).toEqual({
        data: {
          works: [
            { kind: 'Book', again: 'Book' },
            { kind: 'Song', again: 'Song', third: 'Song' },
            { kind: 'Film', again: 'Film' },
          ],
        },
      });
    });

    test('keep fields apart that have one alias in objects of different types', async () => {
      expect(await federation.run('{ goods { ... on Book { x: title } ... on Film { x: name } } }')).toEqual({
        data: { goods: [{ x: 'Dune' }, { x: 'Film f1' }, null] },
      });
    });

    test('are shared by root fields whose entities both subgraphs know', async () => {
      expect(await federation.run('{ viewer { cart { ... on Book { price title } } likes { __typename } } }')).toEqual({
        data: {
          viewer: { cart: [{ price: 10, title: 'Dune' }], likes: [{ __typename: 'Film' }, { __typename: 'Song' }] },
        },
      });
    });

    test('lead around in circles', async () => {
      expect(
        await federation.run('{ hits { ... on Film { cast { ... on Actor { roles { price cast { name } } } } } } }'),
      ).toEqual({
        data: { hits: [{}, { cast: [{ roles: [{ price: 20, cast: [{ name: 'Sigourney' }] }] }] }] },
      });
    });

    test('do not blow up where interfaces nest', async () => {
      const answer = await federation.run('{ item { related { related { related { related { title price } } } } } }');

      expect(JSON.stringify(answer.data)).toContain('{"title":"Alien","price":20}');
      expect(answer.errors).toBeUndefined();
    });
  },
);
