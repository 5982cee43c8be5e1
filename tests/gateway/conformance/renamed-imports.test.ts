import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLinkedFederation, type LinkedFederation } from '../support/linked-federation.js';

/** What each directive is called in these subgraphs. */
const names = {
  key: 'id_by',
  requires: 'wants',
  provides: 'brings',
  external: 'foreign',
  shareable: 'common',
  override: 'movedFrom',
  inaccessible: 'hidden',
  tag: 'label',
  interfaceObject: 'likeAnObject',
  context: 'setting',
  fromContext: 'given',
};

const imports = Object.entries(names).map(([name, as]) => `{ name: "@${name}", as: "@${as}" }`);
const link = (list: readonly string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [${list.join()}])`;

/** A subgraph whose server calls directives as Federation does: what it executes does not depend on that. */
function aSubgraph(types: string, resolvers: Parameters<typeof startLinkedFederation>[0][string]['resolvers']) {
  const plain = Object.entries(names).reduce((sdl, [name, as]) => sdl.replaceAll(`@${as}`, `@${name}`), types);
  const plainImports = Object.keys(names).map((name) => `"@${name}"`);
  return { sdl: `${link(imports)}\n${types}`, executableSdl: `${link(plainImports)}\n${plain}`, resolvers };
}

const reference = { __resolveReference: (given: object) => given };

describe.each(['tessera', 'auto'] as const)('directives under names of their own (planned by %s)', (planner) => {
  let federation: LinkedFederation;

  beforeAll(async () => {
    federation = await startLinkedFederation(
      {
        shop: aSubgraph(
          `
          type Query { item: Item @brings(fields: "price")  media: [Media!]!  readers: [Reader!]! }
          type Item @id_by(fields: "code { text }") {
            code: Code!  name: String @common  price: Int @foreign  secret: Int @hidden  weight: Int @label(name: "public")
          }
          type Code @common { text: String! }
          interface Media @id_by(fields: "id") { id: ID! }
          type Book implements Media @id_by(fields: "id") { id: ID! }
          type Reader @id_by(fields: "id") @setting(name: "reader") { id: ID!  language: String!  page: Page }
          type Page @id_by(fields: "id") { id: ID!  text(language: String @given(field: "$reader { language }")): String }`,
          {
            Query: {
              item: () => ({ code: { text: 'c1' }, price: 7 }),
              media: () => [{ __typename: 'Book', id: 'b1' }],
              readers: () => ['en', 'fr'].map((language) => ({ id: language, language, page: { id: 'p1' } })),
            },
            Item: { ...reference, name: () => 'Lamp', weight: () => -1 },
            Media: { __resolveType: () => 'Book' },
            Book: reference,
            Reader: reference,
            Page: {
              ...reference,
              text: ({ id }: { id: string }, { language }: { language: string }) => `${id} in ${language}`,
            },
          },
        ),
        stock: aSubgraph(
          `
          type Query { hiddenThings: Int @hidden }
          type Item @id_by(fields: "code { text }") {
            code: Code!  price: Int @common  weight: Int @movedFrom(from: "shop")
            name: String @foreign  shout: String @wants(fields: "name")
          }
          type Code @common { text: String! }
          type Media @id_by(fields: "id") @likeAnObject { id: ID!  rating: Int }`,
          {
            Item: {
              ...reference,
              weight: () => 3,
              price: () => -1,
              shout: ({ name }: { name: string }) => `${name.toUpperCase()}!`,
            },
            Media: { ...reference, rating: () => 5 },
          },
        ),
      },
      planner,
    );
  }, 60_000);

  afterAll(() => federation.close());

  test('plan as under those of Federation: keys, what is required, provided, moved, and an interface as an object', async () => {
    expect(await federation.run('{ item { name price weight shout } media { __typename id rating } }')).toEqual({
      data: {
        item: { name: 'Lamp', price: 7, weight: 3, shout: 'LAMP!' },
        media: [{ __typename: 'Book', id: 'b1', rating: 5 }],
      },
    });
  });

  test('fill arguments from contexts', async () => {
    expect(await federation.run('{ readers { page { text } } }')).toEqual({
      data: { readers: [{ page: { text: 'p1 in en' } }, { page: { text: 'p1 in fr' } }] },
    });
  });

  test('hide what is hidden', async () => {
    await expect(federation.run('{ item { secret } }')).rejects.toThrow('Cannot query field "secret"');
    await expect(federation.run('{ hiddenThings }')).rejects.toThrow('Cannot query field "hiddenThings"');
    expect((await federation.run('{ __type(name: "Item") { fields { name } } }')).data).toEqual({
      __type: { fields: ['code', 'name', 'price', 'weight', 'shout'].map((name) => ({ name })) },
    });
  });
});
