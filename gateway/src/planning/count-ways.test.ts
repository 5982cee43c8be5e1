import { expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { countWays } from './count-ways.js';
import type { Supergraph } from './supergraph.js';

const publicSchema = buildSchema(`
  type Query { node: Node  thing: A }
  interface Node { next: Node  name: String }
  type A implements Node { next: Node  name: String }
  type B implements Node { next: Node  name: String }
`);
const supergraph: Pick<Supergraph, 'publicSchema' | 'facts'> = {
  publicSchema,
  facts: {
    // One of them is hidden from consumers, but planners know it.
    possibleTypes: new Map([['Node', new Set(['A', 'B', 'Hidden'])]]),
    fieldNames: new Set(),
    required: new Set(),
    requiredWithArguments: new Set(),
  },
};

test.each([
  ['fields', '{ thing { name } thing { name } }', 4],
  ['what stands below an interface for each of its types', '{ node { name } }', 1 + 3],
  ['levels of interfaces times each other', '{ node { next { next { name } } } }', 1 + 3 * (1 + 3 * (1 + 3))],
  [
    'fragments with what they spread',
    '{ node { ...F ... on A { name } } } fragment F on Node { next { name } }',
    1 + 3 * (1 + 3 + 1),
  ],
  ['circles of fragments to their end', '{ node { ...F } } fragment F on Node { name ...F }', 1 + 3],
])('counts %s', (_name, source, ways) => {
  expect(countWays(parse(source), supergraph)).toBe(ways);
});
