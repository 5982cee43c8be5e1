import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

const books = [
  { isbn: 'i1', shelf: { floor: 1, row: 'a' }, code: 'c1', serial: 10 },
  { isbn: 'i2', shelf: { floor: 2, row: 'b' }, code: 'c2', serial: 20 },
];

/**
 * A chain of subgraphs that know books by different keys: `catalog` by ISBN, `desk` by ISBN and by shelf and code,
 * `stock` by shelf and code and by serial, `loans` by serial alone.
 */
describe.each([...planners, 'auto' as const])('keys (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const byIsbn = ({ isbn }: { isbn?: string }) => books.find((book) => book.isbn === isbn) ?? null;
    const byPlace = ({ shelf, code }: { shelf?: { floor: number; row: string }; code?: string }) =>
      books.find((book) => book.shelf.floor === shelf?.floor && book.shelf.row === shelf.row && book.code === code);
    const bySerial = ({ serial }: { serial?: number }) => books.find((book) => book.serial === serial);
    federation = await startFederation(
      {
        catalog: {
          typeDefs: `
            type Query { books: [Book!]!  book: Book  lost: [Book]  rows: [[Book!]]!  holder: Holder }
            type Book @key(fields: "isbn") { isbn: ID!  title: String }
            type Holder @key(fields: "id") { id: ID!  best: Book }`,
          resolvers: {
            Query: {
              books: () => books,
              book: () => books[1],
              lost: () => [books[0], { isbn: 'unknown' }, null, books[1]],
              rows: () => [[books[0], books[1]], null, [], [books[1]]],
              holder: () => ({ id: 'h1', best: books[0] }),
            },
            Book: { __resolveReference: byIsbn, title: ({ isbn }: { isbn: string }) => `Title of ${isbn}` },
            Holder: { __resolveReference: ({ id }: { id: string }) => ({ id, best: books[0] }) },
          },
        },
        desk: {
          typeDefs: `
            type Book @key(fields: "isbn") @key(fields: "shelf { floor row } code") {
              isbn: ID!  shelf: Shelf!  code: String!
            }
            type Shelf { floor: Int! @shareable  row: String! @shareable }`,
          resolvers: {
            Book: { __resolveReference: (reference: object) => byIsbn(reference) ?? byPlace(reference) ?? null },
          },
        },
        stock: {
          typeDefs: `
            type Book @key(fields: "shelf { floor row } code") @key(fields: "serial") {
              shelf: Shelf!  code: String!  serial: Int!
            }
            type Shelf { floor: Int! @shareable  row: String! @shareable }`,
          resolvers: {
            Book: { __resolveReference: (reference: object) => byPlace(reference) ?? bySerial(reference) ?? null },
          },
        },
        loans: {
          typeDefs: `
            type Query { loans: [Loan!]! }
            type Loan { book: Book!  by: String }
            type Book @key(fields: "serial") { serial: Int!  lent: Int }
            type Holder @key(fields: "id", resolvable: false) { id: ID! }`,
          resolvers: {
            Query: { loans: () => [{ book: { serial: 20 }, by: 'Ada' }] },
            Book: { __resolveReference: bySerial, lent: ({ serial }: { serial: number }) => serial * 2 },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('lead from one subgraph to the next until the field is reached', async () => {
    expect(await federation.run('{ books { lent } }')).toEqual({ data: { books: [{ lent: 20 }, { lent: 40 }] } });
  });

  test('lead back along the same way', async () => {
    expect(await federation.run('{ loans { by book { title isbn code } } }')).toEqual({
      data: { loans: [{ by: 'Ada', book: { title: 'Title of i2', isbn: 'i2', code: 'c2' } }] },
    });
  });

  test('do not show in the answer unless they are asked for', async () => {
    const answer = await federation.run('{ book { lent shelf { row } } }');

    expect(JSON.stringify(answer)).toBe('{"data":{"book":{"lent":40,"shelf":{"row":"b"}}}}');
  });

  test('stand beside aliases that bear their names', async () => {
    const answer = await federation
      .run('{ book { isbn: title code: isbn serial: lent shelf: code __typename: lent } }')
      .catch(async () => federation.run('{ book { isbn: title code: isbn serial: lent shelf: code t: __typename } }'));

    expect(answer.data?.['book']).toMatchObject({ isbn: 'Title of i2', code: 'i2', serial: 40, shelf: 'c2' });
  });

  test('complete what stands in lists of lists', async () => {
    expect(await federation.run('{ rows { lent } }')).toEqual({
      data: { rows: [[{ lent: 20 }, { lent: 40 }], null, [], [{ lent: 40 }]] },
    });
  });

  test('that nobody knows leave null behind, and the others in their places', async () => {
    expect(await federation.run('{ lost { isbn lent } }')).toEqual({
      data: {
        lost: [{ isbn: 'i1', lent: 20 }, { isbn: 'unknown', lent: null }, null, { isbn: 'i2', lent: 40 }],
      },
    });
  });

  test('are asked for once where equal entities stand in several places', async () => {
    federation.subgraph('desk').forgetRequests();

    await federation.run('{ books { lent } book { lent } holder { best { lent } } }');

    const asked = federation.subgraph('desk').requests.flatMap(({ variables }) => Object.values(variables).flat());
    const texts = asked.map((representation) => JSON.stringify(representation));
    expect(federation.subgraph('desk').requests.length).toBeLessThanOrEqual(3);
    expect(new Set(texts).size).toBe(2);
  });

  test('may be aliased, and so may the name of the type', async () => {
    expect(await federation.run('{ book { kind: __typename number: isbn again: isbn lent } }')).toEqual({
      data: { book: { kind: 'Book', number: 'i2', again: 'i2', lent: 40 } },
    });
  });
});

describe.each([...planners, 'auto' as const])('keys that are not there (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const cars = [
      { plate: 'p1', chassis: 'c1' },
      { plate: 'p2', chassis: null },
    ];
    federation = await startFederation(
      {
        traffic: {
          typeDefs: `
            type Query { cars: [Car] }
            type Car @key(fields: "plate") { plate: ID!  chassis: ID @shareable }`,
          resolvers: { Query: { cars: () => cars } },
        },
        register: {
          typeDefs: `type Car @key(fields: "plate") @key(fields: "chassis") { plate: ID!  chassis: ID }`,
          resolvers: {
            Car: {
              __resolveReference: ({ plate }: { plate: string }) =>
                plate === 'p3' ? null : (cars.find((car) => car.plate === plate) ?? null),
            },
          },
        },
        maker: {
          typeDefs: `type Car @key(fields: "chassis") { chassis: ID  model: String  year: Int! }`,
          resolvers: {
            Car: {
              __resolveReference: ({ chassis }: { chassis: string | null }) => (chassis === null ? null : { chassis }),
              model: ({ chassis }: { chassis: string }) => `Model ${chassis}`,
              year: () => 1999,
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('leave null behind', async () => {
    expect(await federation.run('{ cars { plate model } }')).toEqual({
      data: {
        cars: [
          { plate: 'p1', model: 'Model c1' },
          { plate: 'p2', model: null },
        ],
      },
    });
  });

  test('empty the entity where the field must not be null', async () => {
    const answer = await federation.run('{ cars { plate year } }');

    expect(answer.data).toEqual({ cars: [{ plate: 'p1', year: 1999 }, null] });
    expect(answer.errors).toEqual([expect.objectContaining({ path: ['cars', 1, 'year'] })]);
  });
});

describe.each([...planners, 'auto' as const])('a type without a key (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const reference = { __resolveReference: ({ id }: { id: string }) => ({ id }) };
    federation = await startFederation(
      {
        plain: {
          typeDefs: `
            type Query { house: House }
            type House @key(fields: "id") { id: ID!  garden: Garden @shareable }
            type Garden { trees: Int  pond: Pond @shareable }
            type Pond { fish: Int }`,
          resolvers: {
            Query: { house: () => ({ id: '1' }) },
            House: { ...reference, garden: () => ({ trees: 3, pond: { fish: 7 } }) },
          },
        },
        extra: {
          typeDefs: `
            type House @key(fields: "id") { id: ID!  garden: Garden @shareable }
            type Garden { bees: Int  pond: Pond @shareable }
            type Pond { frogs: Int }`,
          resolvers: { House: { ...reference, garden: () => ({ bees: 40, pond: { frogs: 2 } }) } },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('is completed through the entity that it belongs to', async () => {
    expect(await federation.run('{ house { garden { bees trees pond { frogs fish } } } }')).toEqual({
      data: { house: { garden: { bees: 40, trees: 3, pond: { frogs: 2, fish: 7 } } } },
    });
  });
});
