import type { BenchGraph } from './bench-graph.js';

const articles = Array.from({ length: 1_000 }, (_, index) => ({
  id: `article-${index}`,
  name: `Article number ${index}`,
  price: 100 + (index % 77),
}));

/** A long list whose every entity is completed by a second subgraph. */
export const listGraph: BenchGraph = {
  overrides: {},
  subgraphs: {
    catalogue: {
      typeDefs: /* GraphQL */ `
        type Query {
          articles: [Article!]!
        }
        type Article @key(fields: "id") {
          id: ID!
          name: String!
          price: Int
        }
      `,
      resolvers: {
        Query: { articles: () => articles },
        Article: { __resolveReference: ({ id }: { id: string }) => articles.find((article) => article.id === id) },
      },
    },
    warehouse: {
      typeDefs: /* GraphQL */ `
        type Article @key(fields: "id") {
          id: ID!
          inStock: Boolean!
          shelf: String
        }
      `,
      resolvers: {
        Article: {
          __resolveReference: (reference: object) => reference,
          inStock: ({ id }: { id: string }) => Number(id.slice(8)) % 3 > 0,
          shelf: ({ id }: { id: string }) => `shelf ${Number(id.slice(8)) % 40}`,
        },
      },
    },
  },
};
