import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditServer } from 'graphql-http';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
});

afterAll(() => running.close());

test('an anonymous client finds every MUST, SHOULD and MAY of the GraphQL-over-HTTP specification fulfilled', async () => {
  const results = await auditServer({ url: running.url, fetchFn: fetch });

  const unfulfilled = results.flatMap((result) =>
    result.status === 'ok' ? [] : [`${result.status} ${result.id} ${result.name}: ${result.reason}`],
  );
  expect(unfulfilled).toEqual([]);
  expect(results).toHaveLength(61);
});
