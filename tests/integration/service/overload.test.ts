import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only',
      MAIL_URL: 'console:',
      MAX_CONCURRENT_REQUESTS: '1',
      MAX_QUEUE_MS: '5',
    },
  });
}, 60_000);

afterAll(() => harness.stop());

const query = '{ tenant { id } }';

test('a subgraph lets in what it can do in time, sends the rest away as OVERLOADED, and works on after it', async () => {
  const flood = aUser({ tenantId: randomUUID() });

  const answers = await Promise.all(Array.from({ length: 200 }, () => harness.request(flood, query)));
  const after = await harness.request(flood, query);
  const health = await fetch(`${harness.url}/health`);

  const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code);
  const sentAway = codes.filter((code) => code === 'OVERLOADED');
  expect(new Set(codes)).toEqual(new Set(['NOT_FOUND', 'OVERLOADED']));
  expect(sentAway.length).toBeGreaterThan(0);
  expect(after.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  expect(health.status).toBe(200);
});
