import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

const animal = { Cat: { __typename: 'Cat', id: 'c1' }, Dog: { __typename: 'Dog', id: 'd1' } };

/** `zoo` owns animals and cities; `news` tells some of it along, in other words, so that it shows who was asked. */
describe.each([...planners, 'auto' as const])('@provides (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const reference = ({ id }: { id: string }) => ({ id });
    federation = await startFederation(
      {
        zoo: {
          typeDefs: `
            type Query { zoo: Zoo }
            type Zoo @key(fields: "id") { id: ID!  city: City @shareable  keeper: String }
            type City @key(fields: "id") { id: ID!  name: String @shareable  country: Country @shareable  mayor: String }
            type Country { code: String @shareable  anthem: String @shareable }
            interface Animal { id: ID!  name: String  age: Int }
            type Cat implements Animal @key(fields: "id") { id: ID!  name: String @shareable  age: Int }
            type Dog implements Animal @key(fields: "id") { id: ID!  name: String @shareable  age: Int }`,
          resolvers: {
            Query: { zoo: () => ({ id: 'z', city: { id: 'b' }, keeper: 'Ada' }) },
            Zoo: { __resolveReference: () => ({ id: 'z', city: { id: 'b' }, keeper: 'Ada' }) },
            City: {
              __resolveReference: reference,
              name: () => 'owned name',
              country: () => ({ code: 'owned', anthem: 'owned' }),
              mayor: () => 'Bob',
            },
            Cat: { __resolveReference: reference, name: () => 'owned cat', age: () => 3 },
            Dog: { __resolveReference: reference, name: () => 'owned dog', age: () => 4 },
          },
        },
        news: {
          typeDefs: `
            type Query {
              story: Story @provides(fields: "zoo { city { name country { code } } }")
              plain: Story
              animals: [Animal] @provides(fields: "... on Cat { name }")
              pets: [Pet] @provides(fields: "... on Cat { name } ... on Dog { name }")
            }
            type Story { zoo: Zoo @shareable  title: String @shareable }
            type Zoo @key(fields: "id") { id: ID!  city: City @external }
            type City @key(fields: "id") { id: ID!  name: String @external  country: Country @external }
            type Country { code: String @external }
            interface Animal { id: ID!  name: String }
            union Pet = Cat | Dog
            type Cat implements Animal @key(fields: "id") { id: ID!  name: String @external }
            type Dog implements Animal @key(fields: "id") { id: ID!  name: String @external }`,
          resolvers: {
            Query: {
              story: () => ({ title: 't', zoo: { id: 'z', city: { id: 'b' } } }),
              plain: () => ({ title: 'p', zoo: { id: 'z' } }),
              animals: () => [animal.Cat, animal.Dog],
              pets: () => [animal.Dog, animal.Cat],
            },
            City: { name: () => 'told name', country: () => ({ code: 'told' }) },
            Cat: { name: () => 'told cat' },
            Dog: { name: () => 'told dog' },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('answers nested fields without asking who owns them', async () => {
    federation.subgraph('zoo').forgetRequests();

    expect(await federation.run('{ story { title zoo { city { name country { code } } } } }')).toEqual({
      data: { story: { title: 't', zoo: { city: { name: 'told name', country: { code: 'told' } } } } },
    });
    expect(federation.subgraph('zoo').requests).toHaveLength(0);
  });

  test('holds only on the path that it stands on', async () => {
    expect(await federation.run('{ plain { zoo { city { name country { code } } } } }')).toEqual({
      data: { plain: { zoo: { city: { name: 'owned name', country: { code: 'owned' } } } } },
    });
  });

  test('leaves the other fields to who owns them', async () => {
    expect(await federation.run('{ story { zoo { keeper city { name mayor } } } }')).toEqual({
      data: { story: { zoo: { keeper: 'Ada', city: { name: 'told name', mayor: 'Bob' } } } },
    });
  });

  test('may hold for one type behind an interface', async () => {
    expect(await federation.run('{ animals { ... on Cat { name } ... on Dog { name } } }')).toEqual({
      data: { animals: [{ name: 'told cat' }, { name: 'owned dog' }] },
    });
  });

  test('may hold for the members of a union', async () => {
    federation.subgraph('zoo').forgetRequests();

    expect(await federation.run('{ pets { __typename ... on Dog { name } ... on Cat { name } } }')).toEqual({
      data: {
        pets: [
          { __typename: 'Dog', name: 'told dog' },
          { __typename: 'Cat', name: 'told cat' },
        ],
      },
    });
    expect(federation.subgraph('zoo').requests).toHaveLength(0);
  });

  test('goes together with fields of the interface that it does not cover', async () => {
    expect(await federation.run('{ animals { id age } }')).toEqual({
      data: {
        animals: [
          { id: 'c1', age: 3 },
          { id: 'd1', age: 4 },
        ],
      },
    });
  });
});
