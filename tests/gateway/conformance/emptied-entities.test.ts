import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

interface Place {
  readonly at: { readonly code: string };
}

const place = (code: string): Place => ({ at: { code } });
const reference = { __resolveReference: (given: object) => given };

/** `rooms` fill in what `houses` do not know; what must not be null there and is, empties the whole entity. */
describe.each([...planners, 'auto' as const])('an entity that its subgraph emptied (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(
      {
        houses: {
          typeDefs: `
            type Query { whole: House  lost: House }
            type House @key(fields: "at { code }") { at: Code! @shareable  next: House! @shareable }
            type Code { code: String! @shareable }
            type Room @key(fields: "number") @key(fields: "id", resolvable: false) { number: Int! @shareable  id: ID! @shareable }`,
          resolvers: {
            Query: { whole: () => place('roomy'), lost: () => place('last') },
            House: { ...reference, next: () => place('narrow') },
            Room: { __resolveReference: (given: object) => ({ ...given, id: 'id' }) },
          },
        },
        rooms: {
          typeDefs: `
            type House @key(fields: "at { code }") { at: Code! @shareable  next: House! @shareable  rooms: [[Room!]!]! }
            type Code { code: String! @shareable }
            type Room @key(fields: "number", resolvable: false) { number: Int! @shareable }`,
          resolvers: {
            House: {
              ...reference,
              next: ({ at }: Place) => (at.code === 'last' ? null : place('narrow')),
              rooms: ({ at }: Place) => (at.code === 'narrow' ? [[null]] : [[{ number: 1 }]]),
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('by a field of an object below it tells so at that field', async () => {
    const answer = await federation.run('{ whole { rooms { number } next { rooms { id } at { code } } } }');

    expect(answer.data).toEqual({ whole: null });
    expect(answer.errors?.map(({ path }) => path?.join('.'))).toEqual(['whole.next.rooms.0.0']);
  });

  test('by an object that another subgraph gave tells so all the same', async () => {
    const answer = await federation.run('{ lost { rooms { number } next { rooms { id } at { code } } } }');

    expect(answer.data).toEqual({ lost: null });
    expect(answer.errors).toHaveLength(1);
  });
});

describe.each([...planners, 'auto' as const])('a root that its subgraph emptied (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(
      {
        houses: {
          typeDefs: `
            type Query { house: House! @shareable  broken: Int! }
            type House @key(fields: "id") { id: ID! @shareable  street: String! }`,
          resolvers: {
            Query: { house: () => ({ id: '1', street: 'High' }), broken: () => null },
            House: { __resolveReference: ({ id }: { id: string }) => ({ id, street: 'High' }) },
          },
        },
        rooms: {
          typeDefs: `
            type Query { house: House! @shareable }
            type House @key(fields: "id") { id: ID! @shareable  rooms: Int }`,
          resolvers: {
            Query: { house: () => ({ id: '1', rooms: 3 }) },
            House: { __resolveReference: ({ id }: { id: string }) => ({ id, rooms: 3 }) },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('tells so where another subgraph has given the object whose fields are missing, too', async () => {
    const answer = await federation.run('{ house { rooms street } broken }');

    expect(answer.data).toBeNull();
    expect(answer.errors).toHaveLength(1);
  });
});
