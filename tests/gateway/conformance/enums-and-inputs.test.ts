import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

/** Enums and input objects of which each subgraph knows another part. */
describe.each([...planners, 'auto' as const])(
  'enums and inputs that differ between subgraphs (planned by %s)',
  (planner) => {
    let federation: Federation;

    beforeAll(async () => {
      const reference = { __resolveReference: ({ id }: { id: string }) => ({ id }) };
      federation = await startFederation(
        {
          crew: {
            typeDefs: `
            type Query { sailors: [Sailor!]!  find(filter: Filter, rank: Order = UP): String  hidden: Rank }
            type Sailor @key(fields: "id") { id: ID!  rank: Rank }
            enum Rank { MATE BOSUN @inaccessible }
            enum Order { UP DOWN LEFT }
            input Filter { name: String  age: Int = 7  crewOnly: Int  nested: [[Filter!]] }`,
            resolvers: {
              Query: {
                sailors: () => [
                  { id: '1', rank: 'MATE' },
                  { id: '2', rank: 'BOSUN' },
                ],
                find: (_: unknown, given: object) => JSON.stringify(given),
                hidden: () => 'BOSUN',
              },
              Sailor: reference,
            },
          },
          pay: {
            typeDefs: `
            type Sailor @key(fields: "id") { id: ID!  former: [Rank]  wage(filter: Filter, order: Order): String }
            enum Rank { MATE CAPTAIN }
            enum Order { UP DOWN }
            input Filter { name: String  age: Int = 7  nested: [[Filter!]]  payOnly: Int }`,
            resolvers: {
              Sailor: {
                ...reference,
                former: () => ['MATE', null, 'CAPTAIN'],
                wage: (_: unknown, given: object) => JSON.stringify(given),
              },
            },
          },
        },
        { planner },
      );
    });

    afterAll(() => federation.close());

    test('join the values that are answered', async () => {
      expect(await federation.run('{ sailors { former } __type(name: "Rank") { enumValues { name } } }')).toEqual({
        data: {
          sailors: [{ former: ['MATE', null, 'CAPTAIN'] }, { former: ['MATE', null, 'CAPTAIN'] }],
          __type: { enumValues: [{ name: 'MATE' }, { name: 'CAPTAIN' }] },
        },
      });
    });

    test('answer null and an error for a value that is hidden', async () => {
      const answer = await federation.run('{ sailors { rank } hidden }');

      expect(answer.data).toEqual({ sailors: [{ rank: 'MATE' }, { rank: null }], hidden: null });
      expect(answer.errors?.map(({ path }) => path)).toEqual([['sailors', 1, 'rank'], ['hidden']]);
      expect(JSON.stringify(answer)).not.toContain('BOSUN');
    });

    test('accept only what every subgraph accepts', async () => {
      await expect(federation.run('{ find(filter: { crewOnly: 1 }) }')).rejects.toThrow('crewOnly');
      await expect(federation.run('{ sailors { wage(order: LEFT) } }')).rejects.toThrow('LEFT');
    });

    test('hand literals and variables on, nested lists and defaults included', async () => {
      const source = `query ($filter: Filter, $order: Order = DOWN, $names: [[Filter!]]) {
      find(filter: $filter)
      sailors { wage(filter: { name: "a", nested: $names }, order: $order) }
    }`;

      const answer = await federation.run(source, {
        filter: { nested: [[{ name: 'x' }], null] },
        names: [[{ age: null }]],
      });

      const filter = { age: 7, nested: [[{ name: 'x', age: 7 }], null] };
      expect(JSON.parse(String(answer.data?.['find']))).toEqual({ filter, rank: 'UP' });
      const wage = JSON.stringify({ filter: { name: 'a', age: 7, nested: [[{ age: null }]] }, order: 'DOWN' });
      expect(answer.data?.['sailors']).toEqual([{ wage }, { wage }]);
    });
  },
);
