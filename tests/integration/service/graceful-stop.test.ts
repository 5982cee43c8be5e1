import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { createLeftovers } from '../../support/leftovers.js';
import { greeter } from '../../support/greeter-subgraph.js';
import { aUser, startSubgraphHarness } from '../../support/subgraph-harness.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

test('a subgraph that stops sends its subscribers elsewhere, and waits for none of them', async () => {
  // Longer than the test may take: whoever waited for an open socket would wait for all of it.
  const harness = await startSubgraphHarness(greeter, { environment: { SHUTDOWN_TIMEOUT_MS: '600000' } });
  leftovers.defer('harness', () => harness.stop());
  const stream = harness.subscribe(aUser(), 'subscription { greetings }');
  expect(await stream.next()).toMatchObject({ value: { data: { greetings: 'Hello' } } });

  const [stopped, ended] = await Promise.allSettled([leftovers.close(), stream.next()]);

  expect(stopped.status).toBe('fulfilled');
  expect(ended).toMatchObject({ status: 'rejected', reason: { code: 1001, reason: 'Going away' } });
});

test('a subgraph that stops leaves a gateway behind that does not answer any more', async () => {
  const harness = await startSubgraphHarness(greeter, { environment: { SHUTDOWN_TIMEOUT_MS: '600000' } });
  leftovers.defer('harness', () => harness.stop());
  const gone = new WebSocket(`${harness.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(gone, 'open');
  gone.pause();

  await leftovers.close();

  gone.terminate();
});
