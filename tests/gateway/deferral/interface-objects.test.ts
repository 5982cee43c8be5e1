import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { askInParts, formats, mergeParts } from '../support/deferred-answers.js';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';

let running: GatewayOver;

/** `votes` has media as objects of which it does not know the types: those are in the library. */
beforeAll(async () => {
  const media = [
    { __typename: 'Book', id: 'b1', title: 'Emma', pages: 400 },
    { __typename: 'Film', id: 'f1', title: 'Metropolis', minutes: 153 },
  ];
  const find = ({ id }: { id: string }) => media.find((one) => one.id === id) ?? null;
  running = await startGatewayOver({
    library: {
      typeDefs: `
        type Query { media: [Media!]! }
        interface Media @key(fields: "id") { id: ID!  title: String }
        type Book implements Media @key(fields: "id") { id: ID!  title: String  pages: Int }
        type Film implements Media @key(fields: "id") { id: ID!  title: String  minutes: Int }`,
      resolvers: {
        Query: { media: () => media },
        Media: { __resolveReference: find },
        Book: { __resolveReference: find },
        Film: { __resolveReference: find },
      },
    },
    votes: {
      typeDefs: `
        type Query { best: [Media] }
        type Media @key(fields: "id") @interfaceObject { id: ID!  votes: Int! }`,
      resolvers: {
        Query: { best: () => [{ id: 'f1' }, { id: 'b1' }] },
        Media: { __resolveReference: (given: object) => given, votes: () => 7 },
      },
    },
  });
});

afterAll(() => running.close());

test.each([
  ['a deferred fragment is about some types', '{ best { votes ... on Book @defer { pages } } }'],
  ['a fragment told at once is about some types', '{ best { ... on Film { votes } ... @defer { title } } }'],
  ['a fragment within another is', '{ best { votes ... @defer { id ... on Film @defer { minutes votes } } } }'],
])('where %s, the objects’ types are found out in time', async (_name, query) => {
  const whole = await ask(running.url, query);
  expect(whole.errors).toBeUndefined();

  for (const accept of Object.values(formats)) {
    const merged = mergeParts(await askInParts(running.url, { query }, accept));

    expect(merged.errors).toBeUndefined();
    expect(merged.data).toEqual(whole.data);
  }
});
