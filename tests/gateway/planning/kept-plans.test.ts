import { afterEach, expect, test } from '@jest/globals';
import { createKeptPlans, keepPlans } from '@tessera/gateway/planning/kept/kept-plans';
import { createOperationParser } from '@tessera/gateway/planning/operation-parser';
import type { HostedPlanner } from '@tessera/gateway/planning/planner';
import { createTesseraPlanner } from '@tessera/gateway/planning/tessera-planner';
import { supergraphOf } from '../support/supergraph-of.js';

const subgraphs = {
  products: `
    type Query { product: Product  node: Node  find: Found }
    interface Node @key(fields: "id") { id: ID! }
    type Product implements Node @key(fields: "id") { id: ID!  name: String  maker: Maker }
    type Maker @key(fields: "id") { id: ID!  country: Country }
    type Country @shareable { code: String! }
    union Found = Product | Maker`,
  stock: `
    type Product @key(fields: "id") {
      id: ID!  maker: Maker @external  left: Int  dutyFree: Boolean @requires(fields: "maker { country { code } }")
    }
    type Maker @key(fields: "id", resolvable: false) { id: ID!  country: Country @external }
    type Country { code: String! @external }`,
  ratings: `
    type Node @key(fields: "id") @interfaceObject { id: ID!  rating: Int }`,
};

const moved = {
  ...subgraphs,
  stock: subgraphs.stock.replace('left: Int', ''),
  more: 'type Product @key(fields: "id") { id: ID!  left: Int }',
};

const makersMoved = {
  ...subgraphs,
  products: subgraphs.products
    .replace('country: Country }', '}')
    .replace('type Country @shareable { code: String! }', ''),
  more: `
    type Maker @key(fields: "id") { id: ID!  country: Country }
    type Country @shareable { code: String! }`,
};

const requiringLess = `
  type Product @key(fields: "id") { id: ID!  maker: Maker @external  left: Int  dutyFree: Boolean @requires(fields: "maker { id }") }
  type Maker @key(fields: "id", resolvable: false) { id: ID! }`;

const planners: HostedPlanner[] = [];

afterEach(async () => {
  for (const planner of planners.splice(0)) await planner.close();
});

/** Plans over one supergraph after the other. @returns how often the planner itself was asked over the last one */
async function planOver(operation: string, ...supergraphs: Readonly<Record<string, string>>[]): Promise<number> {
  const keptPlans = createKeptPlans();
  let asked = 0;
  for (const typeDefs of supergraphs) {
    asked = 0;
    const supergraph = supergraphOf(typeDefs);
    const planner = createTesseraPlanner(supergraph);
    planners.push(planner);
    const counted: HostedPlanner = {
      ...planner,
      plan(...request) {
        asked += 1;
        return planner.plan(...request);
      },
    };
    const kept = keepPlans(counted, { supergraph, keptPlans, parseOperation: createOperationParser() });
    const { signal } = new AbortController();
    await kept.plan(operation, undefined, signal);
    await kept.plan(operation, undefined, signal);
  }
  return asked;
}

const changed = (name: keyof typeof subgraphs, from: string, to: string) => {
  const text = subgraphs[name].replace(from, to);
  expect(text).not.toBe(subgraphs[name]);
  return { ...subgraphs, [name]: text };
};

test.each([
  ['a subgraph that has nothing to do with it comes', () => ({ ...subgraphs, news: 'type Query { news: [String] }' })],
  ['a field comes that it does not ask for', () => changed('stock', 'left: Int', 'left: Int  ordered: Int')],
  ['a field goes that it does not ask for', () => changed('products', 'name: String', '')],
  ['another type changes', () => changed('products', 'country: Country }', 'country: Country  town: String }')],
])('a plan is kept where %s', async (_what, change) => {
  expect(await planOver('{ product { left } }', subgraphs, change())).toBe(0);
});

test.each([
  ['its field moves', '{ product { left } }', () => moved],
  [
    'a key changes',
    '{ product { left } }',
    () => changed('stock', 'Product @key', 'Product @key(fields: "left") @key'),
  ],
  ['its type changes', '{ product { left } }', () => changed('stock', 'left: Int', 'left: [Int]')],
  ['a field requires less', '{ product { dutyFree } }', () => ({ ...subgraphs, stock: requiringLess })],
  ['what is required moves', '{ product { dutyFree } }', () => makersMoved],
  [
    'an interface gets another object',
    '{ node { rating } }',
    () => changed('products', 'Maker @key', 'Maker implements Node @key'),
  ],
  [
    'an interface that is an object somewhere changes there',
    '{ product { rating } }',
    () => changed('ratings', 'rating: Int', 'rating: Int!'),
  ],
  [
    'a union gets another member',
    '{ find { ... on Product { name } } }',
    () => changed('products', '= Product', '= Country | Product'),
  ],
])('a plan is made anew where %s', async (_what, operation, change) => {
  expect(await planOver(operation, subgraphs, change())).toBe(1);
});

test('a plan is made anew where the supergraph calls a subgraph by another name', async () => {
  const { stock, ...others } = subgraphs;

  expect(await planOver('{ product { left } }', subgraphs, { ...others, warehouse: stock })).toBe(1);
});

test('a plan is made anew where a root is no more an object of an interface in a subgraph', async () => {
  const node = 'interface Node { id: ID! }';
  const whole = {
    a: `type Query implements Node { id: ID! @shareable  thing: Thing } ${node}
      type Thing implements Node { id: ID!  owner: Node  name: String }`,
    b: `type Query implements Node { id: ID! @shareable  other: Node } ${node} type Other implements Node { id: ID! }`,
    c: 'type Query { c: Int }',
  };
  const less = { ...whole, a: whole.a.replace('Query implements Node', 'Query') };
  const operation = '{ thing { owner { ... on Query { thing { name } } id } } }';

  expect(await planOver(operation, whole, less)).toBe(1);
  expect(await planOver(operation, less, whole)).toBe(1);
});

test('what takes an argument from a context is always planned anew', async () => {
  const typeDefs = `
    type Query { shop: Shop }
    type Shop @key(fields: "id") @context(name: "shop") { id: ID!  currency: String!  item: Item }
    type Item @key(fields: "id") { id: ID!  price(in: String @fromContext(field: "$shop { currency }")): Int }`;

  expect(await planOver('{ shop { item { price } } }', { typeDefs, other: 'type Query { other: Int }' })).toBe(2);
});
