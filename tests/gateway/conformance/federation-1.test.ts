import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners } from '../support/federation.js';
import { startLinkedFederation, type LinkedFederation } from '../support/linked-federation.js';

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@extends", "@requires", "@shareable"])`;

/** Subgraphs of Federation 1 (no `@link`) beside one of Federation 2 that keeps their habits. */
describe.each([...planners, 'auto' as const])('subgraphs of Federation 1 (planned by %s)', (planner) => {
  let federation: LinkedFederation;

  beforeAll(async () => {
    const users = [
      { id: '1', name: 'Ada', email: 'ada@example.test' },
      { id: '2', name: 'Bob', email: 'bob@example.test' },
    ];
    federation = await startLinkedFederation(
      {
        users: {
          sdl: `
            extend type Query { users: [User!]!  version: String }
            type User @key(fields: "id") { id: ID!  name: String  email: String  address: Address }
            type Address { city: String }`,
          resolvers: {
            Query: { users: () => users, version: () => 'users' },
            User: {
              __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) ?? null,
              address: () => ({ city: 'Bern' }),
            },
          },
        },
        mails: {
          sdl: `
            extend type Query { mails: [Mail!]! }
            type Mail @key(fields: "number") { number: Int!  to: User @provides(fields: "email") }
            extend type User @key(fields: "id") {
              id: ID! @external
              email: String @external
              mails: [Mail!]!
              greeting: String @requires(fields: "email")
            }`,
          resolvers: {
            Query: { mails: () => [{ number: 1, to: users[0] }] },
            Mail: { __resolveReference: ({ number }: { number: number }) => ({ number, to: users[1] }) },
            User: {
              __resolveReference: (given: object) => given,
              mails: () => [{ number: 7 }],
              greeting: ({ email }: { email: string }) => `Dear ${email}`,
            },
          },
        },
        // As subgraphs that were moved to Federation 2 without being rewritten.
        letters: {
          sdl: `${link}
            type Query { letters: [Letter!]! }
            type Letter { mail: Mail }
            type Mail @key(fields: "number") @extends { number: Int! @external  stamp: String  again: Int! @external
              twice: Int @requires(fields: "again") }
            type User @key(fields: "id") @extends { id: ID! @external  letters: Int }`,
          resolvers: {
            Query: { letters: () => [{ mail: { number: 3 } }] },
            Mail: {
              __resolveReference: (given: object) => given,
              stamp: ({ number }: { number: number }) => `stamp ${number}`,
              twice: ({ again }: { again: number }) => again * 2,
            },
            User: { __resolveReference: (given: object) => given, letters: ({ id }: { id: string }) => Number(id) },
          },
        },
        counters: {
          sdl: `extend type Mail @key(fields: "number") { number: Int! @external  again: Int! }`,
          resolvers: {
            Mail: {
              __resolveReference: (given: object) => given,
              again: ({ number }: { number: number }) => number + 1,
            },
          },
        },
      },
      planner,
    );
  });

  afterAll(() => federation.close());

  test('extend each other’s types', async () => {
    expect(await federation.run('{ users { name mails { number } greeting } }')).toEqual({
      data: {
        users: [
          { name: 'Ada', mails: [{ number: 7 }], greeting: 'Dear ada@example.test' },
          { name: 'Bob', mails: [{ number: 7 }], greeting: 'Dear bob@example.test' },
        ],
      },
    });
  });

  test('provide fields that they mark external', async () => {
    federation.subgraph('users').forgetRequests();

    expect(await federation.run('{ mails { number to { id email } } }')).toEqual({
      data: { mails: [{ number: 1, to: { id: '1', email: 'ada@example.test' } }] },
    });
    expect(federation.subgraph('users').requests).toHaveLength(0);
  });

  test('resolve entities whose key they mark external', async () => {
    expect(await federation.run('{ mails { stamp again twice to { letters address { city } } } }')).toEqual({
      data: { mails: [{ stamp: 'stamp 1', again: 2, twice: 4, to: { letters: 1, address: { city: 'Bern' } } }] },
    });
  });

  test('start paths from entities that they only extend', async () => {
    expect(await federation.run('{ letters { mail { number stamp to { name } } } }')).toEqual({
      data: { letters: [{ mail: { number: 3, stamp: 'stamp 3', to: { name: 'Bob' } } }] },
    });
  });
});
