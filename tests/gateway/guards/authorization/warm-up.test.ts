import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startProtectedGraph, type ProtectedGraph, type TestCaller } from '../../support/protected-graph.js';

let graph: ProtectedGraph;

beforeAll(async () => {
  graph = await startProtectedGraph({
    subgraphs: {
      only: {
        typeDefs: `type Query {
          open: String  known: String @authenticated  scoped: String @requiresScopes(scopes: [["read"]]) }`,
        resolvers: { Query: { open: () => 'a', known: () => 'b', scoped: () => 'c' } },
      },
    },
  });
});

afterAll(() => graph.close());

async function plansMissed(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${graph.gateway.internalPort}/metrics`);
  return Number(/^graphql_plan_cache_misses_total\S* (\d+)$/m.exec(await response.text())?.[1] ?? Number.NaN);
}

test('what an operation is without what some callers may not have is planned before another supergraph takes over', async () => {
  const callers: (TestCaller | undefined)[] = [undefined, {}, { scope: 'read' }];
  const askAll = async (): Promise<unknown[]> => {
    const answers: unknown[] = [];
    for (const caller of callers) answers.push((await graph.ask('{ open known scoped }', caller)).data);
    return answers;
  };
  const answers = await askAll();
  expect(answers).toEqual([
    { open: 'a', known: null, scoped: null },
    { open: 'a', known: 'b', scoped: null },
    { open: 'a', known: 'b', scoped: 'c' },
  ]);
  const missedBefore = await plansMissed();
  expect(missedBefore).toBe(3);

  await graph.gateway.offerSupergraph(`${graph.supergraphSdl}\n# Another version`);

  expect(await askAll()).toEqual(answers);
  expect(await plansMissed()).toBe(missedBefore);
});
