import { expect, test } from '@jest/globals';
import { createNativePlanner } from '@tessera/gateway/planning/native-planner';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { compose } from '../support/federation.js';

test('a gateway waits for its first planner on a busy machine, longer than a request would', async () => {
  const sdl = compose({
    greetings: { url: 'http://greetings.test/graphql', typeDefs: 'type Query { hello: String }' },
  });
  const planner = createNativePlanner(loadSupergraph(sdl), { maxWaitMs: 1 });

  await expect(planner.ready()).resolves.toBeUndefined();

  await planner.close();
});
