import type { SubgraphDefinition } from './federation.js';

const kinds = Array.from({ length: 24 }, (_, index) => index);

/** An interface whose objects' fields come from one subgraph or the other: every level multiplies the ways. */
export const bombable: Readonly<Record<string, SubgraphDefinition>> = {
  left: {
    typeDefs: `
      type Query { node: Node  greeting: String }
      interface Node { id: ID!  next: Node  name: String  shared: Shared }
      type Shared @shareable { a: Int  b: Int  deeper: Shared }
      ${kinds
        .map((kind) =>
          kind % 2 === 0
            ? `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node @external  name: String @external  shared: Shared @shareable }`
            : `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node  name: String  shared: Shared @shareable }`,
        )
        .join('\n')}`,
    resolvers: { Query: { greeting: () => 'hello' } },
  },
  right: {
    typeDefs: `
      interface Node { id: ID!  next: Node  name: String  shared: Shared }
      type Shared @shareable { a: Int  c: Int  deeper: Shared }
      ${kinds
        .map((kind) =>
          kind % 2 === 0
            ? `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node  name: String  shared: Shared @shareable }`
            : `type Kind${kind} implements Node @key(fields: "id") {
                id: ID!  next: Node @external  name: String @external  shared: Shared @shareable }`,
        )
        .join('\n')}`,
    resolvers: {},
  },
};

/** A field within itself so many times. */
export const nested = (depth: number, field: string, inner: string): string =>
  depth === 0 ? inner : `${field} { ${nested(depth - 1, field, inner)} }`;

const chain = (length: number, spread: (next: string) => string): string =>
  [
    '{ node { ...F0 } }',
    ...Array.from(
      { length },
      (_, index) => `fragment F${index} on Node { ${index === length - 1 ? 'name' : spread(`F${index + 1}`)} }`,
    ),
  ].join('\n');

/** The number makes every text a new one, so that none of them is remembered. */
export const bombs: readonly (readonly [string, (number: number) => string])[] = [
  [
    'a chain of fragments, each spread twice by the one before',
    (number) => chain(40 + number, (f) => `...${f} ...${f}`),
  ],
  ['such a chain through fields', (number) => chain(30 + number, (f) => `a: next { ...${f} } b: next { ...${f} }`)],
  [
    'such a chain through types',
    (number) => chain(20 + number, (f) => kinds.map((kind) => `... on Kind${kind} { ...${f} }`).join(' ')),
  ],
  ['an interface nested a few times', (number) => `{ node { ${nested(12 + number, 'next', 'name')} } }`],
  [
    'shared fields of two subgraphs, nested under many names',
    (number) => {
      const branch = nested(12, 'deeper', 'a b c');
      return `{ node { next { ${Array.from({ length: 60 + number }, (_, name) => `s${name}: shared { a b c ${branch} }`).join(' ')} } } }`;
    },
  ],
];
