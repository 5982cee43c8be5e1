import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createJobs } from '@tessera/service/jobs';
import { eventually } from '../../support/eventually.js';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { anonymous } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);

afterAll(() => harness.stop());

test('sessions that ended more than a month ago are forgotten with their refresh tokens, and no others', async () => {
  const [expired, revoked, lately, alive] = await Promise.all(
    ['expired', 'revoked', 'lately', 'alive'].map((name) => harness.signUp(name)),
  );
  const idOf = (person: typeof alive): string => person?.principal.sessionId ?? '';
  await harness.sql(
    `update session set expires_at = now() - interval '31 days' where id = '${idOf(expired)}'`,
    `update session set revoked_at = now() - interval '31 days' where id = '${idOf(revoked)}'`,
    `update session set revoked_at = now() - interval '29 days' where id = '${idOf(lately)}'`,
  );
  const leftovers = createLeftovers();
  const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
  await jobs.start();

  await jobs.send('forget-sessions', {});

  const remaining = async () => (await harness.sql('select id from session')).map(({ id }) => id);
  await eventually(async () => (await remaining()).length === 2);
  expect((await remaining()).sort()).toEqual([idOf(lately), idOf(alive)].sort());
  expect(await harness.sql('select distinct session_id from refresh_token')).toHaveLength(2);
  await leftovers.close();
}, 60_000);

test('sign-ins that were begun and not finished are forgotten after a day, and no later ones', async () => {
  const email = 'somebody@example.com';
  const ask = 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }';
  await harness.request(anonymous, ask, { input: { email } });
  await harness.sql(`update email_sign_in set expires_at = now() - interval '25 hours'`);
  await harness.request(anonymous, ask, { input: { email } });
  const leftovers = createLeftovers();
  const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
  await jobs.start();

  await jobs.send('forget-sign-ins', {});

  await eventually(async () => (await harness.sql('select 1 from email_sign_in')).length === 1);
  expect(await harness.sql('select 1 from email_sign_in where expires_at > now()')).toHaveLength(1);
  await leftovers.close();
}, 60_000);
