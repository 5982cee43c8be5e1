import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

/** `first` and `second` share a root field and parts of what it gives; each has fields that the other lacks. */
describe.each([...planners, 'auto' as const])('@shareable (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const product = { __resolveReference: ({ id }: { id: string }) => ({ id }) };
    federation = await startFederation(
      {
        first: {
          typeDefs: `
            type Query { catalog: Catalog @shareable  product: Product @shareable  version: String @shareable }
            type Catalog { name: String @shareable  owner: Person @shareable  pages: [Page] @shareable  left: Int }
            type Page { number: Int @shareable  leftText: String }
            type Person { name: String @shareable  mail: String }
            type Product @key(fields: "id") { id: ID!  name: String @shareable  leftPrice: Int }`,
          resolvers: {
            Query: {
              catalog: () => ({
                name: 'C',
                owner: { name: 'Ada', mail: 'a@b' },
                left: 1,
                pages: [
                  { number: 1, leftText: 'l1' },
                  { number: 2, leftText: 'l2' },
                ],
              }),
              product: () => ({ id: '1' }),
              version: () => '1',
            },
            Product: { ...product, name: () => 'P', leftPrice: () => 5 },
          },
        },
        second: {
          typeDefs: `
            type Query { catalog: Catalog @shareable  product: Product @shareable  version: String @shareable }
            type Catalog { name: String @shareable  owner: Person @shareable  pages: [Page] @shareable  right: Int }
            type Page { number: Int @shareable  rightText: String }
            type Person { name: String @shareable  phone: String }
            type Product @key(fields: "id") { id: ID!  name: String @shareable  rightPrice: Int }`,
          resolvers: {
            Query: {
              catalog: () => ({
                name: 'C',
                owner: { name: 'Ada', phone: '12' },
                right: 2,
                pages: [
                  { number: 1, rightText: 'r1' },
                  { number: 2, rightText: 'r2' },
                ],
              }),
              product: () => ({ id: '1' }),
              version: () => '1',
            },
            Product: { ...product, name: () => 'P', rightPrice: () => 6 },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('lets a root field be joined out of its subgraphs', async () => {
    expect(await federation.run('{ catalog { left owner { phone name mail } right name } }')).toEqual({
      data: { catalog: { left: 1, owner: { phone: '12', name: 'Ada', mail: 'a@b' }, right: 2, name: 'C' } },
    });
  });

  test('joins the items of lists by their places', async () => {
    expect(await federation.run('{ catalog { pages { rightText number leftText } } }')).toEqual({
      data: {
        catalog: {
          pages: [
            { rightText: 'r1', number: 1, leftText: 'l1' },
            { rightText: 'r2', number: 2, leftText: 'l2' },
          ],
        },
      },
    });
  });

  test('joins entities of a shared root field', async () => {
    expect(await federation.run('{ product { leftPrice rightPrice name } }')).toEqual({
      data: { product: { leftPrice: 5, rightPrice: 6, name: 'P' } },
    });
  });

  test('asks one subgraph where one knows everything', async () => {
    federation.subgraph('first').forgetRequests();
    federation.subgraph('second').forgetRequests();

    expect(await federation.run('{ version catalog { name pages { number } } product { id name } }')).toMatchObject({
      data: { version: '1', product: { id: '1', name: 'P' } },
    });
    const requests = [...federation.subgraph('first').requests, ...federation.subgraph('second').requests];
    expect(requests).toHaveLength(1);
  });
});
