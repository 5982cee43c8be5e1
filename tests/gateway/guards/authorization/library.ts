import type { ProtectedSubgraph } from '../../support/protected-graph.js';

const people = [
  { id: 'p1', name: 'Ada', email: 'ada@example.test', salary: 10 },
  { id: 'p2', name: 'Bob', email: 'bob@example.test', salary: 20 },
];

const items = [
  { __typename: 'Book', id: 'b1', title: 'Dune', price: 5, notes: 'first edition' },
  { __typename: 'Film', id: 'f1', title: 'Alien', price: 7, notes: 'scratched', contract: 'secret contract' },
];

/** Who may see what in a library of two subgraphs. */
export const library: Readonly<Record<string, ProtectedSubgraph>> = {
  people: {
    typeDefs: /* GraphQL */ `
      type Query {
        person(id: ID!): Person
        people: [Person!]!
        audit: [String!] @authenticated
        ledger: Ledger
        secretScalar: Secret
        grade: Grade
        vault: Vault
        strict: Strict!
      }
      type Mutation {
        rename(id: ID!, name: String!): Person @authenticated
        touch(id: ID!): Person
      }
      type Person @key(fields: "id") {
        id: ID!
        name: String
        email: String @authenticated
        salary: Int @requiresScopes(scopes: [["payroll", "read"], ["admin"]])
        file: String @policy(policies: [["role:LIBRARIAN"], ["vetted", "cleared"]])
        password: String @authenticated @requiresScopes(scopes: [["admin"]])
        strict: String! @authenticated
        friends: [Person!]!
      }
      type Ledger @requiresScopes(scopes: [["payroll"]]) {
        total: Int
      }
      type Strict {
        must: String! @authenticated
      }
      scalar Secret @authenticated
      enum Grade @authenticated {
        HIGH
        LOW
      }
      type Vault @authenticated @key(fields: "id") {
        id: ID!
        gold: Int @requiresScopes(scopes: [["admin"]])
      }
    `,
    resolvers: {
      Query: {
        person: (_source: unknown, { id }: { id: string }) => people.find((person) => person.id === id),
        people: () => people,
        audit: () => ['entry'],
        ledger: () => ({ total: 30 }),
        secretScalar: () => 'hidden',
        grade: () => 'HIGH',
        vault: () => ({ id: 'v1', gold: 1_000 }),
        strict: () => ({ must: 'be' }),
      },
      Mutation: {
        rename: (_source: unknown, given: object) => ({ ...people[0], ...given }),
        touch: () => people[0],
      },
      Person: {
        __resolveReference: ({ id }: { id: string }) => people.find((person) => person.id === id),
        file: () => 'a thick file',
        password: () => 'hunter2',
        strict: () => 'there',
        friends: ({ id }: { id: string }) => people.filter((person) => person.id !== id),
      },
    },
  },
  items: {
    typeDefs: /* GraphQL */ `
      type Query {
        items: [Item!]!
        found: [Found!]!
        shelves: [Shelf!]!
      }
      interface Item {
        id: ID!
        title: String
        notes: String
      }
      type Book implements Item @key(fields: "id") {
        id: ID!
        title: String
        notes: String
        price: Int
      }
      type Film implements Item @key(fields: "id") {
        id: ID!
        title: String
        notes: String @authenticated
        price: Int
        contract: String @requiresScopes(scopes: [["legal"]])
      }
      type Card @authenticated {
        number: String
      }
      type Locker @authenticated {
        number: String
      }
      union Found = Book | Card
      union Shelf = Card | Locker
      type Person @key(fields: "id") {
        id: ID!
        email: String @external
        borrowed: [Item!]!
        reminder: String @requires(fields: "email") @authenticated
      }
    `,
    resolvers: {
      Query: {
        items: () => items,
        found: () => [items[0], { __typename: 'Card', number: '42' }],
        shelves: () => [{ __typename: 'Card', number: '42' }],
      },
      Person: {
        __resolveReference: (reference: object) => reference,
        borrowed: () => items,
        reminder: ({ email }: { email?: string }) => `mail to ${email}`,
      },
      Book: { __resolveReference: ({ id }: { id: string }) => items.find((item) => item.id === id) },
      Film: { __resolveReference: ({ id }: { id: string }) => items.find((item) => item.id === id) },
    },
  },
};
