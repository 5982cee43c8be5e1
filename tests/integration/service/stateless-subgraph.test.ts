import { afterEach, expect, test } from '@jest/globals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { Migration } from '@mikro-orm/migrations';
import { portField, subgraphFields } from '@tessera/service/config';
import { recentWritesSql } from '@tessera/service/database';
import { eventTablesSql } from '@tessera/service/events';
import { eventInventory, subjectInventory, subjectTablesSql } from '@tessera/service/personal-data';
import { defineSubgraph, type Subgraph, type SubgraphContext } from '@tessera/service/subgraph';
import { parse } from 'graphql';
import { z } from 'zod';
import { createLeftovers } from '../../support/leftovers.js';
import { aUser, startSubgraphHarness } from '../../support/subgraph-harness.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

class CommonTables extends Migration {
  override up(): void {
    for (const statement of [...eventTablesSql, ...subjectTablesSql, ...recentWritesSql]) this.addSql(statement);
  }
}

const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  type Query { greeting: String! }`;

/** What somebody writes first: it answers, and stores nothing of its own. */
const greeter: Subgraph = {
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
      },
    }),
  }),
  assemble: async () => ({ createContext: (base) => base }),
};

test('a subgraph without an entity of its own starts, and answers to who is signed in', async () => {
  const harness = await startSubgraphHarness(greeter);
  leftovers.defer('harness', () => harness.stop());
  const caller = aUser();

  const answer = await harness.request(caller, '{ greeting }');

  expect(answer).toEqual({ data: { greeting: `Hello, ${caller.userId}` } });
}, 30_000);

test.each(['pay-roll', 'Payroll', '2pay', 'a'.repeat(41)])('no subgraph is called %s: no database could be', (name) => {
  const { personalData, configSchema, entities, migrations } = greeter;
  const declare = () =>
    defineSubgraph({
      name,
      ...{ personalData, configSchema, entities, migrations },
      resolvers: [class {}],
      references: {},
      assemble: () => ({ createContext: (base) => base }),
    });

  expect(declare).toThrow(`Subgraph ${name}: a name has lower-case letters and digits, 40 at most`);
});
