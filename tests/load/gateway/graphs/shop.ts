import type { BenchGraph } from './bench-graph.js';

const products = [
  { upc: '1', name: 'Table', price: 899, weight: 100 },
  { upc: '2', name: 'Couch', price: 1299, weight: 1000 },
  { upc: '3', name: 'Glass', price: 15, weight: 20 },
  { upc: '4', name: 'Chair', price: 499, weight: 100 },
  { upc: '5', name: 'Screen', price: 1299, weight: 1000 },
  { upc: '6', name: 'Lamp', price: 6999, weight: 300 },
  { upc: '7', name: 'Grill', price: 3999, weight: 2000 },
  { upc: '8', name: 'Fridge', price: 100000, weight: 6000 },
  { upc: '9', name: 'Sofa', price: 9999, weight: 800 },
];

const people = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Donald Knuth'];
const users = people.map((name, index) => ({
  id: String(index + 1),
  name,
  username: name.toLowerCase().replace(' ', '.'),
}));

/** Length of each review's body, and its product: as in the public benchmark, so that the answer has some 88 KB. */
const reviewShapes = [
  [445, '1'],
  [292, '1'],
  [277, '1'],
  [144, '1'],
  [445, '2'],
  [292, '2'],
  [277, '2'],
  [144, '2'],
  [144, '3'],
  [144, '4'],
  [850, '4'],
] as const;
const sentence = 'It does what it is for, it came in time, and the neighbours already asked where it is from. ';
const reviews = reviewShapes.map(([length, upc], index) => ({
  id: String(index + 1),
  body: sentence.repeat(10).slice(0, length),
  product: { upc },
}));

const shippingEstimate = ({ price, weight }: Record<string, unknown>): number =>
  Number(price) > 1_000 ? 0 : Number(weight) / 2;

/**
 * The classic four subgraphs (accounts, products, inventory, reviews) with the shape of the public gateways benchmark's
 * data: everybody wrote the first two reviews, and every review's author is the first user.
 */
export const shopGraph: BenchGraph = {
  overrides: { 'Product.shippingEstimate': shippingEstimate },
  subgraphs: {
    accounts: {
      typeDefs: /* GraphQL */ `
        type Query {
          me: User
          user(id: ID!): User
          users: [User]
        }
        type User @key(fields: "id") {
          id: ID!
          name: String
          username: String @shareable
        }
      `,
      resolvers: {
        Query: {
          me: () => users[0],
          user: (_: unknown, { id }: { id: string }) => users.find((user) => user.id === id),
          users: () => users,
        },
        User: { __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) },
      },
    },
    inventory: {
      typeDefs: /* GraphQL */ `
        type Product @key(fields: "upc") {
          upc: String!
          weight: Int @external
          price: Int @external
          inStock: Boolean
          shippingEstimate: Int @requires(fields: "price weight")
        }
      `,
      resolvers: {
        Product: {
          __resolveReference: (reference: object) => reference,
          inStock: ({ upc }: { upc: string }) => Number(upc) % 2 === 1,
          shippingEstimate,
        },
      },
    },
    products: {
      typeDefs: /* GraphQL */ `
        type Query {
          topProducts(first: Int = 5): [Product]
        }
        type Product @key(fields: "upc") {
          upc: String!
          name: String
          price: Int
          weight: Int
        }
      `,
      resolvers: {
        Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
        Product: {
          __resolveReference: ({ upc }: { upc: string }) => products.find((product) => product.upc === upc),
        },
      },
    },
    reviews: {
      typeDefs: /* GraphQL */ `
        type Review @key(fields: "id") {
          id: ID!
          body: String
          author: User @provides(fields: "username")
          product: Product
        }
        type User @key(fields: "id") {
          id: ID!
          username: String @external
          reviews: [Review]
        }
        type Product @key(fields: "upc") {
          upc: String!
          reviews: [Review]
        }
      `,
      resolvers: {
        Review: {
          __resolveReference: ({ id }: { id: string }) => reviews.find((review) => review.id === id),
          author: () => ({ id: '1', username: users[0]?.username }),
        },
        User: { __resolveReference: (reference: object) => reference, reviews: () => reviews.slice(0, 2) },
        Product: {
          __resolveReference: (reference: object) => reference,
          reviews: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product.upc === upc),
        },
      },
    },
  },
};
