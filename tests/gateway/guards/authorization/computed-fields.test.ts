import { afterEach, expect, test } from '@jest/globals';
import { startProtectedGraph, type ProtectedGraph, type ProtectedSubgraph } from '../../support/protected-graph.js';
import { library } from './library.js';

let graph: ProtectedGraph | undefined;

afterEach(async () => {
  await graph?.close();
  graph = undefined;
});

/** Compositions before 2.12 let a field without rules be computed from one that has them. */
function withoutRuleOn(field: string) {
  return (sdl: string): string => {
    const changed = sdl.replace(new RegExp(`^( +${field}: .*) @authenticated`, 'm'), '$1');
    if (changed === sdl) throw new Error(`${field} carries no rule`);
    return changed;
  };
}

test('a field that @requires a protected one is as protected as that', async () => {
  graph = await startProtectedGraph({ subgraphs: library, changeSupergraph: withoutRuleOn('reminder') });
  const query = '{ person(id: "p1") { name reminder } }';

  const anonymous = await graph.ask(query);
  const askedForAnonymous = graph.asked('people') + graph.asked('items');
  const known = await graph.ask(query, {});

  expect(anonymous.data).toEqual({ person: { name: 'Ada', reminder: null } });
  expect(anonymous.errors).toMatchObject([{ path: ['person', 'reminder'], extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(askedForAnonymous).not.toContain('email');
  expect(known.data).toEqual({ person: { name: 'Ada', reminder: 'mail to ada@example.test' } });
});

test('a field that @requires one that itself @requires a protected one is protected', async () => {
  const subgraphs: Record<string, ProtectedSubgraph> = {
    one: {
      typeDefs: `type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! root: Int @authenticated }`,
      resolvers: { Query: { thing: () => ({ id: '1', root: 1 }) } },
    },
    two: {
      typeDefs: `type Thing @key(fields: "id") { id: ID! root: Int @external
        middle: Int @requires(fields: "root") @authenticated }`,
      resolvers: { Thing: { middle: ({ root }: { root: number }) => root + 1 } },
    },
    three: {
      typeDefs: `type Thing @key(fields: "id") { id: ID! middle: Int @external
        top: Int @requires(fields: "middle") @authenticated }`,
      resolvers: { Thing: { top: ({ middle }: { middle: number }) => middle + 1 } },
    },
  };
  graph = await startProtectedGraph({
    subgraphs,
    changeSupergraph: (sdl) => withoutRuleOn('top')(withoutRuleOn('middle')(sdl)),
  });

  expect((await graph.ask('{ thing { top } }')).data).toEqual({ thing: { top: null } });
  expect((await graph.ask('{ thing { top } }', {})).data).toEqual({ thing: { top: 3 } });
});

test('a field that takes a protected one @fromContext is as protected as that', async () => {
  const subgraphs: Record<string, ProtectedSubgraph> = {
    one: {
      typeDefs: `
        type Query { owner: Owner }
        type Owner @key(fields: "id") @context(name: "owner") { id: ID! secret: String @authenticated child: Child! }
        type Child @key(fields: "id") {
          id: ID! plain: String
          told(secret: String @fromContext(field: "$owner { secret }")): String @authenticated
        }`,
      resolvers: {
        Query: { owner: () => ({ id: 'o', secret: 's', child: { id: 'c', plain: 'p' } }) },
        Child: { told: (_source: unknown, { secret }: { secret: string }) => `told ${secret}` },
      },
    },
    two: { typeDefs: `type Child @key(fields: "id") { id: ID! size: Int }`, resolvers: {} },
  };
  graph = await startProtectedGraph({ subgraphs, changeSupergraph: withoutRuleOn('told') });

  const answer = await graph.ask('{ owner { child { plain told } } }');

  expect(answer.data).toEqual({ owner: { child: { plain: 'p', told: null } } });
  expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

test('a protected field stays hidden where its value has to be fetched as a key', async () => {
  const subgraphs: Record<string, ProtectedSubgraph> = {
    one: {
      typeDefs: `type Query { thing: Thing } type Thing @key(fields: "code") { code: ID! @authenticated }`,
      resolvers: { Query: { thing: () => ({ code: 'known to few' }) } },
    },
    two: {
      typeDefs: `type Thing @key(fields: "code") { code: ID! @authenticated size: Int }`,
      resolvers: { Thing: { __resolveReference: () => ({ size: 3 }) } },
    },
  };
  graph = await startProtectedGraph({ subgraphs });

  const alone = await graph.ask('{ thing { size } }');
  const both = await graph.ask('{ thing { size code } }');
  const aliased = await graph.ask('{ thing { size other: code __typename } }');

  expect(alone.data).toEqual({ thing: { size: 3 } });
  expect(both.data).toEqual({ thing: null });
  expect(JSON.stringify([both, aliased])).not.toContain('known to few');
});
