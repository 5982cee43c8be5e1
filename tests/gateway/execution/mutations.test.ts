import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

describe.each(planners)('a mutation (planned by %s)', (planner) => {
  let federation: Federation;
  let log: string[];

  beforeEach(async () => {
    log = [];
    const logged = (entry: string) => {
      log.push(entry);
      return entry;
    };
    federation = await startFederation(
      {
        left: {
          typeDefs: `
          type Query { left: Int }
          type Mutation { addLeft(entry: String!): Entry  failLeft: Entry }
          type Entry @key(fields: "id") { id: ID! }`,
          resolvers: {
            Mutation: {
              addLeft: (_: unknown, { entry }: { entry: string }) => ({ id: logged(entry) }),
              failLeft: () => {
                throw new Error('left failed');
              },
            },
          },
        },
        right: {
          typeDefs: `
          type Query { right: Int }
          type Mutation { addRight(entry: String!): String }
          type Entry @key(fields: "id") { id: ID!  seen: String }`,
          resolvers: {
            Mutation: { addRight: (_: unknown, { entry }: { entry: string }) => logged(entry) },
            Entry: { seen: ({ id }: { id: string }) => logged(`seen ${id}`) },
          },
        },
      },
      { planner },
    );
  });

  afterEach(() => federation.close());

  test('runs its fields one after the other, each with everything below it', async () => {
    const answer = await federation.run(`mutation {
      a: addLeft(entry: "a") { seen }
      b: addRight(entry: "b")
      ...More
    }
    fragment More on Mutation { c: addLeft(entry: "c") { id seen } d: addRight(entry: "d") }`);

    expect(log).toEqual(['a', 'seen a', 'b', 'c', 'seen c', 'd']);
    expect(answer).toEqual({ data: { a: { seen: 'seen a' }, b: 'b', c: { id: 'c', seen: 'seen c' }, d: 'd' } });
  });

  test('runs a field once for each of its aliases, and once where it is written twice', async () => {
    await federation.run(`mutation {
      a: addLeft(entry: "same") { id } b: addLeft(entry: "same") { id } a: addLeft(entry: "same") { seen }
    }`);

    expect(log.filter((entry) => entry === 'same')).toHaveLength(2);
  });

  test('goes on after a field that failed', async () => {
    const answer = await federation.run('mutation { failLeft { id } addRight(entry: "after") }');

    expect(answer.data).toEqual({ failLeft: null, addRight: 'after' });
    expect(answer.errors).toEqual([expect.objectContaining({ path: ['failLeft'] })]);
  });

  test('is not sent again when its connection is lost', async () => {
    federation.subgraph('right').answerNext({ kind: 'reset' });

    const answer = await federation.run('mutation { addRight(entry: "once") }');

    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    expect(federation.subgraph('right').requests).toHaveLength(1);
  });
});
