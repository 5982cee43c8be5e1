import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { createPlanCheck } from './check-plan.js';
import type { FetchNode, RequiresSelection } from './query-plan.js';
import { indexSubgraphs } from './tessera/subgraph-index.js';

const index = indexSubgraphs(
  parse(`
    enum join__Graph { SHOP @join__graph(name: "shop", url: "")  POST @join__graph(name: "post", url: "") }
    type Query @join__type(graph: SHOP) @join__type(graph: POST) {
      thing: Thing @join__field(graph: SHOP)
      sent: Thing @join__field(graph: POST, provides: "weight")
      other: Thing @join__field(graph: POST)
    }
    type Thing @join__type(graph: SHOP, key: "id") @join__type(graph: POST, key: "id") {
      id: ID!
      weight: Int @join__field(graph: SHOP) @join__field(graph: POST, external: true)
      fee: Int @join__field(graph: POST, requires: "weight")
    }`),
);

const fetch = (serviceName: string, operation: string, requires?: readonly string[]): FetchNode => ({
  kind: 'Fetch',
  serviceName,
  operation,
  requires:
    requires === undefined ? null : [{ kind: 'InlineFragment', typeCondition: 'Thing', selections: fields(requires) }],
});
const fields = (names: readonly string[]): RequiresSelection[] => names.map((name) => ({ kind: 'Field', name }));
const entities = (selection: string): string =>
  `query ($r: [_Any!]!) { _entities(representations: $r) { ${selection} } }`;
const check = (...nodes: FetchNode[]): void =>
  createPlanCheck(index, true)({ kind: 'QueryPlan', node: { kind: 'Sequence', nodes } });
const thing = fetch('shop', '{ thing { id weight } }');

test.each([
  ['asks for fields of the subgraph', fetch('shop', '{ thing { id weight } }')],
  ['asks for what is provided', fetch('post', '{ sent { weight } }')],
  [
    'sends the key and what is required',
    fetch('post', entities('... on Thing { fee }'), ['__typename', 'id', 'weight']),
  ],
])('a plan that %s is right', (_name, node) => {
  expect(() => check(thing, node)).not.toThrow();
});

test.each([
  ['does not have', fetch('shop', '{ thing { fee } }')],
  ['is external', fetch('post', '{ other { weight } }')],
  ['without what it requires', fetch('post', '{ other { fee } }')],
  ['without what it requires', fetch('post', entities('... on Thing { fee }'), ['__typename', 'id'])],
  ['without a key', fetch('shop', entities('... on Thing { weight }'), ['__typename'])],
  ['without any field of it', fetch('shop', '{ thing }')],
  ['as if it were an object', fetch('shop', '{ thing { id { __typename } } }')],
  ['no subgraph', fetch('nobody', '{ thing { id } }')],
])('a plan is refused that asks for what a subgraph cannot answer: %s', (reason, node) => {
  expect(() => check(thing, node)).toThrow(reason);
});

test('a plan is refused that sends a subgraph what was not asked for before', () => {
  const rest = fetch('post', entities('... on Thing { fee }'), ['__typename', 'id', 'weight']);

  expect(() => check(fetch('shop', '{ thing { id } }'), rest)).toThrow('post weight, which was not asked for before');
  expect(() => check(rest, thing)).toThrow('which was not asked for before');
});
