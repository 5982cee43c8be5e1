import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';
import { eventually } from '../../support/eventually.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ environment: { REQUEST_TIMEOUT_MS: '300', SUBGRAPH_TIMEOUT_MS: '5000' } });
});

afterAll(async () => {
  running.subgraphs.releaseSlow();
  await running.close();
});

test('a request that outlives its deadline is answered with SUBGRAPH_TIMEOUT', async () => {
  const startedAtMs = performance.now();

  const answer = await running.post({ query: '{ slow }' });

  expect(answer.code).toBe('SUBGRAPH_TIMEOUT');
  expect(performance.now() - startedAtMs).toBeLessThan(2_000);
});

test('a client that leaves ends the requests that were made for it', async () => {
  const before = running.subgraphs.people.requests.length;
  const leaving = new AbortController();
  const answer = running.send({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ slow }' }),
    signal: leaving.signal,
  });
  await eventually(() => running.subgraphs.people.requests.length > before);

  leaving.abort();

  await expect(answer).rejects.toThrow();
  await eventually(async () =>
    /graphql_subgraph_requests_total\{[^}]*outcome="aborted"[^}]*\} [1-9]/.test(await running.metrics()),
  );
});
