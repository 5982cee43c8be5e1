import { expect, test } from '@jest/globals';
import { createNativePlanner } from '@tessera/gateway/planning/native-planner';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { compose } from '../support/federation.js';

const sdl = compose({
  greetings: { url: 'http://greetings.test/graphql', typeDefs: 'type Query { hello: String }' },
});

test.each(['"""It is described."""', '"It is described."', '"""It is a type."""\ntype Described { schema: Int }'])(
  'the native planner loads a supergraph that begins with %s',
  async (beginning) => {
    const planner = createNativePlanner(loadSupergraph(`${beginning}\n${sdl}`));

    await expect(planner.ready()).resolves.toBeUndefined();

    await planner.close();
  },
);

test('a gateway waits for its first planner on a busy machine, longer than a request would', async () => {
  const planner = createNativePlanner(loadSupergraph(sdl), { maxWaitMs: 1 });

  await expect(planner.ready()).resolves.toBeUndefined();

  await planner.close();
});
