import { afterEach, expect, test } from '@jest/globals';
import {
  federationHeader,
  startProtectedGraph,
  type ProtectedGraph,
  type ProtectedSubgraph,
} from '../../support/protected-graph.js';

let graph: ProtectedGraph | undefined;

afterEach(async () => {
  await graph?.close();
  graph = undefined;
});

const query = '{ signedIn scoped judged open }';
const everything = { signedIn: 'a', scoped: 'b', judged: 'c', open: 'd' };
const nothing = { signedIn: null, scoped: null, judged: null, open: 'd' };
const insider = { scope: 'read', roles: ['JUDGE'] };

function subgraphWith(
  header: string,
  authenticated: string,
  requiresScopes: string,
  policy: string,
): ProtectedSubgraph {
  return {
    typeDefs: `${header} type Query {
      signedIn: String ${authenticated}
      scoped: String ${requiresScopes}(scopes: [["read"]])
      judged: String ${policy}(policies: [["role:JUDGE"]])
      open: String
    }`,
    resolvers: { Query: { signedIn: () => 'a', scoped: () => 'b', judged: () => 'c', open: () => 'd' } },
  };
}

const plain = subgraphWith(federationHeader(), '@authenticated', '@requiresScopes', '@policy');

async function expectProtected(started: ProtectedGraph): Promise<void> {
  expect((await started.ask(query)).data).toEqual(nothing);
  expect((await started.ask(query, {})).data).toEqual({ ...nothing, signedIn: 'a' });
  expect((await started.ask(query, insider)).data).toEqual(everything);
}

test('directives that are imported under other names protect', async () => {
  const header = federationHeader(
    '{ name: "@authenticated", as: "@members" }, { name: "@requiresScopes", as: "@may" }, { name: "@policy", as: "@rule" }',
  );
  graph = await startProtectedGraph({ subgraphs: { one: subgraphWith(header, '@members', '@may', '@rule') } });

  await expectProtected(graph);
});

test('directives that a subgraph takes from the specification without importing them protect', async () => {
  const header = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", as: "fed")';
  graph = await startProtectedGraph({
    subgraphs: { one: subgraphWith(header, '@fed__authenticated', '@fed__requiresScopes', '@fed__policy') },
  });

  await expectProtected(graph);
});

test('directives of a specification that the supergraph links under another name protect', async () => {
  graph = await startProtectedGraph({
    subgraphs: { one: plain },
    changeSupergraph: (sdl) =>
      sdl
        .replace('authenticated/v0.1"', 'authenticated/v0.1", as: "members"')
        .replaceAll('@authenticated', '@members')
        .replace('policy/v0.1"', 'policy/v0.1", as: "rule"')
        .replaceAll('@policy(', '@rule(')
        .replaceAll('policy__Policy', 'rule__Policy'),
  });

  await expectProtected(graph);
});

test('a directive that only has such a name protects nothing', async () => {
  graph = await startProtectedGraph({
    subgraphs: { one: plain },
    changeSupergraph: (sdl) => sdl.replace(/^.*authenticated\/v0\.1.*$/m, ''),
  });

  expect((await graph.ask(query)).data).toEqual({ ...nothing, signedIn: 'a' });
});
