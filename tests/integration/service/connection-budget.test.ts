import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { userSubgraph } from '@tessera/user/subgraph';
import { Client } from 'pg';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

const poolMax = 3;
/** What infra/kubernetes/README.md has operators count on: of the job queue, and of the outbox. */
const besidePool = 4 + 1;

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(userSubgraph, { environment: { DATABASE_POOL_MAX: String(poolMax) } });
}, 60_000);
afterAll(() => harness?.stop());

/** Nothing has ended by then: after five seconds what waits for a lock gives up, and a connection may end beside one that begins. */
const watchedMs = 4_000;

test('an instance whose requests and jobs all wait opens as many connections as operators count on, and no more', async () => {
  const url = new URL(harness.adminUrl);
  url.pathname = new URL(harness.databaseUrl).pathname;
  const locker = new Client({ connectionString: url.href });
  const watcher = new Client({ connectionString: harness.adminUrl });
  await Promise.all([locker.connect(), watcher.connect()]);
  const connections = async (): Promise<number> => {
    const user = new URL(harness.databaseUrl).username;
    const { rows } = await watcher.query<{ count: number }>(
      'select count(*)::int as count from pg_stat_activity where usename = $1',
      [user],
    );
    return rows[0]?.count ?? 0;
  };
  let most = 0;
  try {
    await locker.query('begin');
    await locker.query('lock table user_profile, jobs.job in access exclusive mode');
    const query = `query ($references: [_Any!]!) {
      _entities(representations: $references) { ... on User { displayName } }
    }`;
    const requests = Array.from({ length: 20 }, () => {
      const person = aUser();
      return harness.request(person, query, { references: [{ __typename: 'User', id: person.userId }] });
    });
    const untilMs = performance.now() + watchedMs;
    while (performance.now() < untilMs) most = Math.max(most, await connections());
    await locker.query('commit');
    await Promise.allSettled(requests);
  } finally {
    await Promise.all([locker.end(), watcher.end()]);
  }

  expect(most).toBe(poolMax + besidePool);
});
