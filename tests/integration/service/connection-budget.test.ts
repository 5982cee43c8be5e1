import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { userSubgraph } from '@tessera/user/subgraph';
import { Client } from 'pg';
import { runSql } from '../../support/postgres-server.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

const poolMax = 3;
/** What infra/kubernetes/README.md has operators count on: of the job queue, and of the outbox. */
const besidePool = 4 + 1;

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph, { environment: { DATABASE_POOL_MAX: String(poolMax) } });
}, 60_000);
afterAll(() => harness?.stop());

async function connections(): Promise<number> {
  const [row] = await runSql(
    harness.adminUrl,
    `select count(*)::int as count from pg_stat_activity where usename = '${new URL(harness.databaseUrl).username}'`,
  );
  return Number(row?.['count']);
}

test('an instance whose requests and jobs all wait opens as many connections as operators count on, and no more', async () => {
  const url = new URL(harness.adminUrl);
  url.pathname = new URL(harness.databaseUrl).pathname;
  const locker = new Client({ connectionString: url.href });
  await locker.connect();
  let most = 0;
  try {
    await locker.query('begin');
    await locker.query('lock table user_profile, jobs.job in access exclusive mode');
    let isOver = false;
    // They end by the lock timeout of the service's role.
    const query = `query ($references: [_Any!]!) {
      _entities(representations: $references) { ... on User { displayName } }
    }`;
    const requests = Array.from({ length: 20 }, () => {
      const person = aUser();
      return harness.request(person, query, { references: [{ __typename: 'User', id: person.userId }] });
    });
    void Promise.allSettled(requests).then(() => (isOver = true));
    while (!isOver) most = Math.max(most, await connections());
  } finally {
    await locker.end();
  }

  expect(most).toBe(poolMax + besidePool);
});
