import { expect, test } from '@jest/globals';
import { compareSupergraphs } from '@tessera/gateway/planning/kept/unaffected-documents';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { parse, validate } from 'graphql';
import { compose } from '../support/federation.js';
import { supergraphOf } from '../support/supergraph-of.js';

const subgraphs = {
  products: `
    type Query { product(filter: Filter): Product  node: Node  find: Found }
    input Filter { kind: Kind  size: Size }
    input Size { atLeast: Int  around: Filter }
    enum Kind { LARGE SMALL }
    interface Node @key(fields: "id") { id: ID! }
    type Product implements Node @key(fields: "id") { id: ID!  name: String  price(in: Kind): Int  maker: Maker }
    type Maker @key(fields: "id") { id: ID!  country: String }
    union Found = Product | Maker`,
  stock: 'type Product @key(fields: "id") { id: ID!  left: Int }',
};

const hiding = {
  ...subgraphs,
  products: subgraphs.products
    .replace('maker: Maker', 'maker: Maker @inaccessible')
    .replace('type Maker', 'type Maker @inaccessible'),
};

type TypeDefs = Readonly<Record<string, string>>;

function changed(name: keyof typeof subgraphs, from: string, to: string): TypeDefs {
  const text = subgraphs[name].replace(from, to);
  expect(text).not.toBe(subgraphs[name]);
  return { ...subgraphs, [name]: text };
}

function isUnaffected(source: string, after: TypeDefs): boolean {
  const before = supergraphOf(subgraphs);
  const document = parse(source);
  expect(validate(before.publicSchema, document)).toEqual([]);
  return compareSupergraphs(before, supergraphOf(after))(document);
}

const nested =
  'query ($filter: Filter) { product(filter: $filter) { left ...Made } } fragment Made on Product { maker { country } }';

test.each([
  ['nothing changes', nested, () => subgraphs],
  ['another root field comes', nested, () => ({ ...subgraphs, news: 'type Query { news: String }' })],
  ['a field comes that it does not select', nested, () => changed('stock', 'left: Int', 'left: Int  ordered: Int')],
  ['a field goes that it does not select', nested, () => changed('products', 'name: String', '')],
  ['an input changes that it does not use', '{ product { name } }', () => changed('products', 'LARGE', '')],
])('a document is unaffected where %s', (_what, source, after) => {
  expect(isUnaffected(source, after())).toBe(true);
});

test.each([
  ['its field goes', '{ product { left name } }', () => changed('products', 'name: String', '')],
  ['its field has another type', '{ product { left } }', () => changed('stock', 'left: Int', 'left: Float')],
  ['its field goes, in a fragment', nested, () => changed('products', 'country: String', '')],
  [
    'an argument is required',
    '{ product { price } }',
    () => changed('products', 'price(in: Kind)', 'price(in: Kind!)'),
  ],
  ['a value of an enum goes', '{ product { price(in: LARGE) } }', () => changed('products', 'LARGE', '')],
  ['an input deep in an argument changes', nested, () => changed('products', 'atLeast: Int', 'atLeast: Int!')],
  ['a value goes from within an input', nested, () => changed('products', 'LARGE', '')],
  [
    'a type is no more an object of an interface',
    '{ node { ... on Product { name } } }',
    () => changed('products', 'Product implements Node', 'Product'),
  ],
  [
    'a type is no more member of a union',
    '{ find { ... on Maker { country } } }',
    () => changed('products', '| Maker', ''),
  ],
  ['a type is hidden', '{ find { __typename } }', () => hiding],
  [
    'a leaf becomes an object',
    '{ product { name } }',
    () => changed('products', 'name: String', 'name: Name } type Name { text: String'),
  ],
])('a document is affected where %s', (_what, source, after) => {
  expect(isUnaffected(source, after())).toBe(false);
});

test.each(['{ __schema { description } }', '{ product { left @cached } }'])(
  'of %s nothing is known: it is validated anew',
  (source) => {
    const executable = `directive @cached on FIELD`;
    const typeDefs = Object.fromEntries(
      Object.entries(subgraphs).map(([name, text]) => [name, `${executable} ${text}`]),
    );
    const supergraph = supergraphOf(typeDefs);
    const document = parse(source);

    expect(validate(supergraph.publicSchema, document)).toEqual([]);
    expect(compareSupergraphs(supergraph, supergraphOf(typeDefs))(document)).toBe(false);
  },
);

const found = '{ thing { id ... @defer { name } } }';
const plain = 'type Query { thing: Thing } type Thing { id: ID!  name: String }';

test.each([
  ['brings a directive of a known name', '', 'directive @defer(label: String!) on FIELD'],
  ['has a part of a type in a place of its own', 'extend type Thing { more: String }', ''],
])('where a supergraph that was written by hand %s, a document may be affected', (_what, before, after) => {
  const [one, other] = [before, after].map((more) =>
    loadSupergraph(`${compose({ only: { typeDefs: plain, url: '' } })} ${more}`),
  );
  const document = parse(before === '' ? found : '{ thing { more } }');

  expect(one && validate(one.publicSchema, document)).toEqual([]);
  expect(one && other && compareSupergraphs(one, other)(document)).toBe(false);
});

test('a document is affected where a type is taken for a part of a feature that is linked', () => {
  const a = `type Query { node: Node } interface Node { id: ID! } type Thing implements Node { id: ID! }
    type policy__Estimate implements Node { id: ID!  amount: Int }`;
  const before = supergraphOf({ a, b: 'type Query { x: Int }' });
  const after = supergraphOf({ a, b: 'type Query { x: Int @federation__policy(policies: [["p"]]) }' });
  const document = parse('{ node { ... on policy__Estimate { amount } } }');

  expect(validate(before.publicSchema, document)).toEqual([]);
  expect(validate(after.publicSchema, document)).not.toEqual([]);
  expect(compareSupergraphs(before, after)(document)).toBe(false);
});
