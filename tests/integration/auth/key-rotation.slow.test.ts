import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { accessTokenAudience, accessTokenIssuer, accessTokenType } from '@tessera/service/identity';
import { createJobs, defaultJobsSchema } from '@tessera/service/jobs';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { startKeyManagementServer, type KeyManagementServer } from '../../support/key-management-server.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { anonymous, sendSigned } from '../../support/subgraph-harness.js';

let harness: AuthHarness;
let service: KeyManagementServer;
const leftovers = createLeftovers();

beforeAll(async () => {
  service = await startKeyManagementServer();
  harness = await startAuthHarness();
}, 60_000);

afterEach(() =>
  harness.sql(
    'delete from signing_key where id not in (select id from signing_key order by created_at limit 1)',
    'update signing_key set retires_at = null, signs_from = created_at',
  ),
);

afterAll(async () => {
  await leftovers.close();
  await harness.stop();
  await service.stop();
});

const keys = () =>
  harness.sql(
    `select id::text, signs_from > now() as is_future, retires_at is not null as retires,
       coalesce(extract(epoch from retires_at - now()), 0)::int as seconds_left, sealed_private_jwk
     from signing_key order by created_at`,
  );

/** Has the nightly job run now, so often. */
async function runJob(times = 1): Promise<void> {
  const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
  await jobs.start();
  for (let count = 0; count < times; count += 1) await jobs.send('rotate-signing-keys', {});
}

const publishedAt = async (url: string): Promise<string[]> => {
  const response = await fetch(`${url}/.well-known/jwks.json`);
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};

async function signInAt(url: string, email: string): Promise<string> {
  const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }';
  const endpoint = { subgraph: 'auth', url: `${url}/graphql` };
  const answer = await sendSigned<{ signIn: { tokens: { accessToken: string } } }>(endpoint, anonymous, query, {
    i: { email, password },
  });
  return answer.data?.signIn.tokens.accessToken ?? '';
}

describe('an old signing key', () => {
  test('that is not old enough stays alone', async () => {
    await harness.sql(`update signing_key set signs_from = now() - interval '29 days'`);

    await runJob();

    await eventually(async () => {
      const [row] = await harness.sql(`select count(*)::int as done from ${defaultJobsSchema}.job
        where name = 'rotate-signing-keys' and state = 'completed'`);
      return Number(row?.['done']) >= 1;
    }, 20_000);
    expect(await keys()).toHaveLength(1);
  }, 60_000);

  test('of an algorithm that is not wanted any more gives way too, however young', async () => {
    await harness.sql(`update signing_key set algorithm = 'EdDSA'`);

    await runJob();

    await eventually(async () => (await keys()).length === 2, 20_000);
    const algorithms = await harness.sql('select algorithm from signing_key order by created_at');
    expect(algorithms).toEqual([{ algorithm: 'EdDSA' }, { algorithm: 'ES256' }]);
    await harness.sql(`update signing_key set algorithm = 'ES256'`);
  }, 60_000);

  test('gives way to another: published first, signing later, and tokens of both verify meanwhile', async () => {
    const { email } = await harness.signUp('rotated');
    const [before] = await keys();
    await harness.sql(`update signing_key set signs_from = now() - interval '31 days'`);

    await runJob(3);

    await eventually(async () => (await keys()).length === 2, 20_000);
    const [old, next] = await keys();
    expect(old).toMatchObject({ id: before?.['id'], retires: true });
    expect(Number(old?.['seconds_left'])).toBeGreaterThan(60 * 60 + 30 * 60);
    expect(next).toMatchObject({ is_future: true, retires: false });
    await eventually(async () => (await publishedAt(harness.url)).length === 2, 20_000);
    const signedBefore = await signInAt(harness.url, email);
    expect(decodeProtectedHeader(signedBefore).kid).toBe(before?.['id']);

    // An hour later, on an instance that starts then.
    await harness.sql(`update signing_key set signs_from = now() - interval '1 second' where retires_at is null`);
    const later = await harness.startAnotherInstance();
    const signedAfter = await signInAt(later.url, email);
    expect(decodeProtectedHeader(signedAfter).kid).toBe(next?.['id']);
    const keySet = createRemoteJWKSet(new URL(`${later.url}/.well-known/jwks.json`));
    const verification = { issuer: accessTokenIssuer, audience: accessTokenAudience, typ: accessTokenType };
    for (const token of [signedBefore, signedAfter]) await jwtVerify(token, keySet, verification);
    await later.stop();

    // And when its last tokens have expired, it is published no more.
    await harness.sql(`update signing_key set retires_at = now() - interval '1 second' where retires_at is not null`);
    const last = await harness.startAnotherInstance();
    expect(await publishedAt(last.url)).toEqual([next?.['id']]);
    await last.stop();
  }, 60_000);
});

describe('a key management service', () => {
  test('encrypts new keys in place of the secret of the environment; what that had sealed still opens', async () => {
    const { email } = await harness.signUp('managed');
    const environment = { KMS_URL: service.url, KMS_TOKEN: service.token };
    const instance = await harness.startAnotherInstance(environment);
    expect(decodeProtectedHeader(await signInAt(instance.url, email)).kid).toBeDefined();
    await instance.stop();
    await harness.sql('delete from signing_key');

    const fresh = await harness.startAnotherInstance(environment);
    const [key] = await keys();
    await fresh.stop();

    expect(service.asked).toEqual(['/encrypt', '/decrypt']);
    expect(key?.['sealed_private_jwk']).toMatch(/^kms:/);
    await expect(harness.startAnotherInstance()).rejects.toThrow('KMS_URL');
    const wrong = { KMS_URL: service.url, KMS_TOKEN: 'not the token' };
    await expect(harness.startAnotherInstance(wrong)).rejects.toThrow('KMS_URL');
  }, 60_000);
});
