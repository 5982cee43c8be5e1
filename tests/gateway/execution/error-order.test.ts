import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { startFederation, type Federation, type SubgraphDefinition } from '../support/federation.js';

/** Long enough for an answer to come in before another; where it is not, the test merely proves less. */
const laterMs = 40;

let late = '';

async function inTurn(subgraph: string): Promise<void> {
  if (late === subgraph) await wait(laterMs);
}

async function failAs(subgraph: string): Promise<never> {
  await inTurn(subgraph);
  throw new GraphQLError(`${subgraph} failed`, { extensions: { code: 'NOT_FOUND' } });
}

/** After its subgraph's other fields: what must not be null ends an answer at once. */
async function failLast(subgraph: string): Promise<never> {
  await inTurn(subgraph);
  await wait(laterMs / 4);
  return failAs(subgraph);
}

/** A subgraph that knows its own field of each shop and of what anybody may ask for, and nothing of the other's. */
function aSubgraph(name: 'left' | 'right'): SubgraphDefinition {
  return {
    typeDefs: `
      type Query { me: Me @shareable  several: [Me!] @shareable  ${name}: String  ${name}Must: String! }
      type Me { ${name}Name: String!  ${name}Age: Int  home: Home @shareable }
      type Home { ${name}City: String! }
      type Shop @key(fields: "id") { id: ID!  ${name}Stock: Int!  ${name}Price: Int }`,
    resolvers: {
      Query: {
        me: () => failAs(name),
        several: () => inTurn(name).then(() => [{}]),
        [name]: () => name,
        [`${name}Must`]: () => failLast(name),
      },
      Me: { [`${name}Name`]: () => name, [`${name}Age`]: () => 1, home: () => failAs(name) },
      Shop: {
        __resolveReference: ({ id }: { id: string }) => (id === 's2' ? failAs(name) : { id }),
        [`${name}Stock`]: () => failAs(name),
        [`${name}Price`]: () => inTurn(name).then(() => 1),
      },
    },
  };
}

describe('of two subgraphs that fail side by side', () => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation({
      shops: {
        typeDefs: 'type Query { shops: [Shop]  shop: Shop }  type Shop @key(fields: "id") { id: ID! }',
        resolvers: { Query: { shops: () => [{ id: 's1' }, { id: 's2' }], shop: () => ({ id: 's1' }) } },
      },
      left: aSubgraph('left'),
      right: aSubgraph('right'),
    });
  });

  afterAll(() => federation.close());

  test.each([
    ['a field that both were asked for', '{ me { leftName rightName } }'],
    ['a field below one that both have', '{ several { leftAge rightAge home { leftCity rightCity } } }'],
    ['a list of which one gives nothing', '{ several { leftName leftAge rightAge home { leftCity } } leftMust }'],
    ['entities that both know', '{ shops { leftStock rightStock leftPrice rightPrice } }'],
    [
      'an entity whose fields must not be null',
      '{ shop { rightStock leftStock } other: shop { leftStock rightStock } }',
    ],
  ])('the same is heard in the same order, whoever answers first: %s', async (_, query) => {
    late = 'right';
    const leftFirst = await federation.run(query);
    late = 'left';
    const rightFirst = await federation.run(query);

    expect(leftFirst.errors?.length).toBeGreaterThan(0);
    expect(rightFirst).toEqual(leftFirst);
  });

  test('errors that belong to no field come as in the plan, too', async () => {
    const answerOf = (name: string) => ({
      kind: 'json' as const,
      body: { data: { [name]: name }, errors: [{ message: `${name} failed`, extensions: { code: 'NOT_FOUND' } }] },
    });
    const messages: (readonly string[] | undefined)[] = [];
    for (const last of ['left', 'right']) {
      for (const name of ['left', 'right']) {
        federation.subgraph(name).answerNext({ ...answerOf(name), delayMs: name === last ? laterMs : 0 });
      }
      const { errors } = await federation.run('{ left right }');
      messages.push(errors?.map(({ message }) => message));
    }

    expect(messages[0]).toHaveLength(2);
    expect(messages[1]).toEqual(messages[0]);
  });
});
