import type { SubgraphDefinition } from './federation.js';

interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly friends: readonly string[];
}

const users: readonly User[] = [
  { id: 'u1', name: 'Ada', email: 'ada@example.test', friends: ['u2', 'u3'] },
  { id: 'u2', name: 'Bob', email: 'bob@example.test', friends: ['u1'] },
  { id: 'u3', name: 'Cid', email: 'cid@example.test', friends: [] },
];

const products = [
  { upc: 'p1', sku: 's1', name: 'Table', price: 100, weight: 10, height: 70 },
  { upc: 'p2', sku: 's2', name: 'Chair', price: 50, weight: 4, height: 90 },
  { upc: 'p3', sku: 's3', name: 'Lamp', price: 20, weight: 1, height: 30 },
];

const reviews = [
  { id: 'r1', body: 'Good', authorId: 'u1', upc: 'p1' },
  { id: 'r2', body: 'Bad', authorId: 'u1', upc: 'p2' },
  { id: 'r3', body: 'Fine', authorId: 'u2', upc: 'p1' },
];

const media = [
  { __typename: 'Book', id: 'm1', title: 'Dune' },
  { __typename: 'Film', id: 'm2', title: 'Alien' },
];

const findUser = (id: string) => users.find((user) => user.id === id);
const findProduct = (upc: string) => products.find((product) => product.upc === upc);

/** A shop of three subgraphs that need each other; every answer can be reckoned from the lists above. */
export const shop: Readonly<Record<string, SubgraphDefinition>> = {
  accounts: {
    typeDefs: /* GraphQL */ `
      type Query {
        me: User
        users: [User!]!
        user(id: ID!): User
        media: [Media!]!
        search: [Result!]!
        node(id: ID!): Node
        echo(text: String, number: Int = 7, flags: [Boolean!], input: EchoInput): String
      }
      type Mutation {
        rename(id: ID!, name: String!): User
        first(value: Int!): Int
      }
      type Subscription {
        userChanged(id: ID!): User
      }
      input EchoInput {
        color: Color = RED
        nested: EchoInput
      }
      enum Color {
        RED
        BLUE
        SECRET @inaccessible
      }
      interface Node {
        id: ID!
      }
      interface Media {
        id: ID!
        title: String
      }
      type Book implements Media @key(fields: "id") {
        id: ID!
        title: String
      }
      type Film implements Media @key(fields: "id") {
        id: ID!
        title: String
      }
      union Result = User | Book
      type User implements Node @key(fields: "id") {
        id: ID!
        name(upper: Boolean = false): String
        email: String! @shareable
        friends: [User!]!
        color(hidden: Boolean = false): Color
        greeting: String
      }
    `,
    resolvers: {
      Query: {
        me: () => users[0],
        users: () => users,
        user: (_: unknown, { id }: { id: string }) => findUser(id),
        media: () => media,
        search: () => [{ __typename: 'User', ...users[1] }, media[0]],
        node: (_: unknown, { id }: { id: string }) => ({ __typename: 'User', ...findUser(id) }),
        echo: (_: unknown, given: unknown) => JSON.stringify(given),
      },
      Book: { __resolveReference: ({ id }: { id: string }) => media.find((each) => each.id === id) },
      Film: { __resolveReference: ({ id }: { id: string }) => media.find((each) => each.id === id) },
      Mutation: {
        rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ ...findUser(id), name }),
        first: (_: unknown, { value }: { value: number }) => value,
      },
      User: {
        __resolveReference: ({ id }: { id: string }) => findUser(id) ?? null,
        name: (user: User, { upper }: { upper: boolean }) => (upper ? user.name.toUpperCase() : user.name),
        friends: (user: User) => user.friends.map(findUser),
        color: (_: User, { hidden }: { hidden: boolean }) => (hidden ? 'SECRET' : 'BLUE'),
        greeting: () => 'hello',
      },
    },
  },
  products: {
    typeDefs: /* GraphQL */ `
      type Query {
        products(first: Int): [Product!]!
        top: Product
      }
      type Mutation {
        second(value: Int!): Int
      }
      type Product @key(fields: "upc") @key(fields: "sku") {
        upc: ID!
        sku: String!
        name: String
        price(currency: String): Int
        weight: Int
        size(unit: String): Int
      }
      type Book @key(fields: "id") {
        id: ID!
        pages: Int
      }
      type Film @key(fields: "id") {
        id: ID!
        minutes: Int
      }
    `,
    resolvers: {
      Query: {
        products: (_: unknown, { first }: { first?: number }) => products.slice(0, first ?? products.length),
        top: () => products[0],
      },
      Mutation: { second: (_: unknown, { value }: { value: number }) => value },
      Product: {
        __resolveReference: ({ upc }: { upc: string }) => findProduct(upc) ?? null,
        price: ({ price }: { price: number }, { currency }: { currency?: string }) =>
          currency === 'JPY' ? price * 100 : price,
        size: ({ height }: { height: number }, { unit }: { unit?: string }) => (unit === 'mm' ? height * 10 : height),
      },
      Book: { __resolveReference: ({ id }: { id: string }) => ({ id }), pages: () => 412 },
      Film: { __resolveReference: ({ id }: { id: string }) => ({ id }), minutes: () => 117 },
    },
  },
  reviews: {
    typeDefs: /* GraphQL */ `
      type Query {
        reviews: [Review!]!
      }
      type Review @key(fields: "id") {
        id: ID!
        body: String
        author: User @provides(fields: "email")
        product: Product!
      }
      type User @key(fields: "id") {
        id: ID!
        email: String! @external
        reviews(first: Int): [Review!]!
      }
      type Product @key(fields: "upc") {
        upc: ID!
        price(currency: String): Int @external
        weight: Int @external
        size(unit: String): Int @external
        shipping(zone: Int = 1): Int @requires(fields: "price weight size(unit: \\"mm\\")")
        reviews: [Review!]!
      }
    `,
    resolvers: {
      Query: { reviews: () => reviews },
      Review: {
        __resolveReference: ({ id }: { id: string }) => reviews.find((review) => review.id === id),
        author: ({ authorId }: { authorId: string }) => ({ id: authorId, email: findUser(authorId)?.email }),
        product: ({ upc }: { upc: string }) => ({ upc }),
      },
      User: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        reviews: ({ id }: { id: string }, { first }: { first?: number }) =>
          reviews.filter(({ authorId }) => authorId === id).slice(0, first ?? reviews.length),
      },
      Product: {
        __resolveReference: (reference: object) => reference,
        reviews: ({ upc }: { upc: string }) => reviews.filter((review) => review.upc === upc),
        shipping: (product: { price: number; weight: number; size: number }, { zone }: { zone: number }) =>
          zone * (product.price + product.weight + product.size),
      },
    },
  },
};
