import { buildSubgraphSchema } from '@apollo/subgraph';
import { Migration } from '@mikro-orm/migrations';
import { portField, subgraphFields } from '@tessera/service/config';
import { recentWritesSql } from '@tessera/service/database';
import { eventTablesSql } from '@tessera/service/events';
import { eventInventory, subjectInventory, subjectTablesSql } from '@tessera/service/personal-data';
import type { Subgraph, SubgraphContext } from '@tessera/service/subgraph';
import { parse } from 'graphql';
import { z } from 'zod';

class CommonTables extends Migration {
  override up(): void {
    for (const statement of [...eventTablesSql, ...subjectTablesSql, ...recentWritesSql]) this.addSql(statement);
  }
}

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  type Query { greeting: String! }
  type Subscription { greetings: String! }`;

/** What somebody writes first: it answers, greets once who subscribes and is then silent, and stores nothing of its own. */
export const greeter: Subgraph = {
  name: 'greeter',
  personalData: { ...eventInventory, ...subjectInventory },
  configSchema: z.object({ ...subgraphFields, PORT: portField }),
  entities: [],
  migrations: [{ name: '0001-common-tables', class: CommonTables }],
  buildSchema: async () => ({
    sdl,
    schema: buildSubgraphSchema({
      typeDefs: parse(sdl),
      resolvers: {
        Query: {
          greeting: (_, __, context) => `Hello, ${String((context as SubgraphContext).principal.userId)}`,
        },
        Subscription: { greetings: { subscribe: greetOnce } },
      },
    }),
  }),
  assemble: async () => ({ createContext: (base) => base }),
};

/** The stream of whoever is still there: it never ends by itself. */
function greetOnce(): AsyncIterableIterator<{ readonly greetings: string }> {
  const ended = Promise.withResolvers<IteratorResult<never>>();
  let hasGreeted = false;
  return {
    next() {
      if (hasGreeted) return ended.promise;
      hasGreeted = true;
      return Promise.resolve({ done: false, value: { greetings: 'Hello' } });
    },
    return() {
      ended.resolve({ done: true, value: undefined });
      return ended.promise;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
