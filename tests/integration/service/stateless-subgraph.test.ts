import { afterEach, expect, test } from '@jest/globals';
import { defineSubgraph } from '@tessera/service/subgraph';
import { greeter } from '../../support/greeter-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import { aUser, startSubgraphHarness } from '../../support/subgraph-harness.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

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
