import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { principalHeader } from '@tessera/service/identity';
import { execute, parse, type GraphQLSchema } from 'graphql';
import type { Resolvers } from '../../support/fake-subgraph.js';

/** What subgraphs answer from; a test changes it. */
export interface LibraryData {
  titles: Record<string, string>;
  ratings: Record<string, number>;
}

/** Who asks, as a subgraph sees it. */
export interface Asker {
  readonly name: string;
  readonly headers: IncomingHttpHeaders;
}

/** A subgraph whose answers can be held back, and have the headers that a test wants. */
export interface LibrarySubgraph {
  readonly url: string;
  readonly typeDefs: string;
  /** How many requests it has had. */
  requests(): number;
  /** Headers of its answers from now on. */
  headers: Readonly<Record<string, string>>;
  /** Lets the next request read, and then wait: resolves when it has read. */
  holdNext(): { readonly hasRead: Promise<void>; release(): void };
  close(): Promise<void>;
}

export const cacheLink = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@composeDirective", "@authenticated", "@interfaceObject"])
  @link(url: "https://specs.example.test/cacheControl/v1.0", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")
directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
enum CacheControlScope { PUBLIC PRIVATE }
`;

export const catalogTypeDefs = /* GraphQL */ `
  type Query {
    book(id: ID!): Book @cacheControl(maxAge: 60, scope: PUBLIC)
    books(genre: String): [Book!]! @cacheControl(maxAge: 60, scope: PUBLIC)
    unnamedBook: Book @cacheControl(maxAge: 60, scope: PUBLIC)
    greeting: String! @cacheControl(maxAge: 60, scope: PRIVATE)
    translated: String! @cacheControl(maxAge: 60, scope: PUBLIC)
    fleeting: String! @cacheControl(maxAge: 1, scope: PUBLIC)
    unhinted: String!
    broken: String @cacheControl(maxAge: 60, scope: PUBLIC)
    membersOnly: String @cacheControl(maxAge: 60, scope: PUBLIC) @authenticated
    shelf: Shelf @cacheControl(maxAge: 60, scope: PUBLIC)
  }
  type Mutation {
    renameBook(id: ID!, title: String!): Book
    ping: String @cacheControl(maxAge: 60, scope: PUBLIC)
  }
  type Book @key(fields: "id") @cacheControl(maxAge: 60, scope: PUBLIC) {
    id: ID!
    title: String!
    shelf: Shelf @cacheControl(inheritMaxAge: true)
  }
  type Shelf {
    label: String!
  }
`;

export const reviewsTypeDefs = /* GraphQL */ `
  type Book @key(fields: "id") @cacheControl(maxAge: 30, scope: PUBLIC) {
    id: ID!
    rating: Float
    ownNote: String @cacheControl(maxAge: 30, scope: PRIVATE)
    failing: String
  }
`;

/** Resolvers over the data; each answer tells who asked, where the field does. */
export function libraryResolvers(data: LibraryData): {
  readonly catalog: Resolvers;
  readonly reviews: Resolvers;
} {
  let reads = 0;
  const book = (id: string) => (data.titles[id] === undefined ? null : { id, title: data.titles[id] });
  const catalog: Resolvers = {
    Query: {
      book: (_root: unknown, { id }: { id: string }) => book(id),
      books: (_root: unknown, { genre }: { genre?: string }) =>
        genre === 'none' ? [] : Object.keys(data.titles).map(book),
      unnamedBook: () => book('1'),
      greeting: (_root: unknown, _given: unknown, asker: unknown) => `Hello ${nameOf(asker)}`,
      translated: (_root: unknown, _given: unknown, asker: unknown) =>
        `In ${(asker as Asker).headers['accept-language'] ?? 'none'}`,
      fleeting: () => `read ${(reads += 1)}`,
      unhinted: (_root: unknown, _given: unknown, asker: unknown) => `Unhinted ${nameOf(asker)} ${(reads += 1)}`,
      broken: () => {
        throw new Error('broken');
      },
      membersOnly: (_root: unknown, _given: unknown, asker: unknown) => `For ${nameOf(asker)}`,
      shelf: () => ({ label: 'A' }),
    },
    Mutation: {
      renameBook: (_root: unknown, { id, title }: { id: string; title: string }) => {
        data.titles[id] = title;
        return book(id);
      },
      ping: () => `pong ${(reads += 1)}`,
    },
    Book: { __resolveReference: ({ id }: { id: string }) => book(id), shelf: () => ({ label: 'B' }) },
  };
  const reviews: Resolvers = {
    Book: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      rating: ({ id }: { id: string }) => data.ratings[id] ?? null,
      ownNote: ({ id }: { id: string }, _given: unknown, asker: unknown) => `Note of ${nameOf(asker)} on ${id}`,
      failing: ({ id }: { id: string }) => {
        if (id === '2') throw new Error('failing');
        return 'fine';
      },
    },
  };
  return { catalog, reviews };
}

/** Starts a subgraph on a free port. */
export async function startLibrarySubgraph(typeDefs: string, resolvers: Resolvers): Promise<LibrarySubgraph> {
  const schema: GraphQLSchema = buildSubgraphSchema({ typeDefs: parse(`${cacheLink}${typeDefs}`), resolvers });
  const holds: { announce: () => void; released: Promise<void> }[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    void (async () => {
      requests += 1;
      const body = JSON.parse(await text(request)) as { query: string; variables?: Record<string, unknown> };
      const contextValue: Asker = { name: readName(request.headers), headers: request.headers };
      const hold = holds.shift();
      const document = parse(body.query);
      const answer = await execute({ schema, document, variableValues: body.variables ?? {}, contextValue });
      const written = JSON.stringify(answer);
      hold?.announce();
      await hold?.released;
      response.writeHead(200, { 'content-type': 'application/json', ...subgraph.headers }).end(written);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const subgraph: LibrarySubgraph = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    typeDefs: `${cacheLink}${typeDefs}`,
    requests: () => requests,
    headers: {},
    holdNext() {
      const read = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      holds.push({ announce: read.resolve, released: released.promise });
      return { hasRead: read.promise, release: released.resolve };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return subgraph;
}

function nameOf(asker: unknown): string {
  return (asker as Asker).name;
}

function readName(headers: IncomingHttpHeaders): string {
  const encoded = headers[principalHeader];
  if (typeof encoded !== 'string') return headers.authorization ?? 'nobody';
  const principal = JSON.parse(Buffer.from(encoded, 'base64url').toString()) as { userId?: string; tenantId?: string };
  return principal.userId === undefined ? 'nobody' : `${principal.userId}/${principal.tenantId ?? '-'}`;
}
