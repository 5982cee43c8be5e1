import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessTokenAudience, accessTokenIssuer, accessTokenType } from '@tessera/service/identity';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { anonymous, sendSigned } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);

afterAll(() => harness.stop());

const verification = { issuer: accessTokenIssuer, audience: accessTokenAudience, typ: accessTokenType };

const keySetOf = (url: string) => createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`));

describe('signing keys', () => {
  test('an access token verifies against the published keys and says who calls', async () => {
    const { tokens, userId, principal } = await harness.signUp('verified');

    const { payload, protectedHeader } = await jwtVerify(tokens.accessToken, keySetOf(harness.url), verification);

    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: 'tessera',
      aud: 'tessera',
      sub: userId,
      sid: principal.sessionId,
      roles: [],
      rv: 0,
      scope: '',
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 1_800,
    });
  });

  test('the published keys may be cached and contain nothing private', async () => {
    const response = await fetch(`${harness.url}/.well-known/jwks.json`);

    expect(response.headers.get('cache-control')).toContain('max-age=300');
    const key = { kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String), kid: expect.any(String) };
    expect(await response.json()).toEqual({ keys: [{ ...key, alg: 'ES256', use: 'sig' }] });
  });

  test('instances that start at once on an empty database make one key between them', async () => {
    await harness.sql('delete from signing_key');

    const instances = await Promise.all(Array.from({ length: 4 }, () => harness.startAnotherInstance()));

    const [first, second] = instances;
    const answer = await sendSigned<{ signUp: { tokens: { accessToken: string } } }>(
      { subgraph: 'auth', url: `${first?.url}/graphql` },
      anonymous,
      'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
      { input: { email: 'anywhere@example.com', password, displayName: 'Anywhere' } },
    );
    const token = answer.data?.signUp.tokens.accessToken ?? '';
    const verified = await jwtVerify(token, keySetOf(second?.url ?? ''), verification);
    const keys = await harness.sql('select id from signing_key');
    await Promise.all(instances.map((instance) => instance.stop()));
    expect(keys).toEqual([{ id: verified.protectedHeader.kid }]);
  });

  test('a key that is to sign later is published already, and the one before signs on', async () => {
    const before = await harness.startAnotherInstance();
    await before.stop();
    const [current] = await harness.sql('select id from signing_key order by signs_from desc limit 1');
    await harness.sql(
      `insert into signing_key
       select gen_random_uuid(), algorithm, public_jwk || '{"kid":"next"}', sealed_private_jwk, created_at,
              now() + interval '1 hour', null from signing_key where id = '${String(current?.['id'])}'`,
    );

    const later = await harness.startAnotherInstance();
    const answer = await sendSigned<{ signIn: { tokens: { accessToken: string } } }>(
      { subgraph: 'auth', url: `${later.url}/graphql` },
      anonymous,
      'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }',
      { i: { email: 'anywhere@example.com', password } },
    );
    const published = await fetch(`${later.url}/.well-known/jwks.json`).then((response) => response.text());

    await later.stop();
    await harness.sql(`delete from signing_key where signs_from > now()`);
    expect(decodeProtectedHeader(answer.data?.signIn.tokens.accessToken ?? '').kid).toBe(current?.['id']);
    expect(published).toContain('"kid":"next"');
  });

  test('private keys are sealed in the database', async () => {
    const [row] = await harness.sql('select sealed_private_jwk from signing_key');

    expect(Buffer.from(String(row?.['sealed_private_jwk']), 'base64url').toString('latin1')).not.toContain('"d"');
  });

  test('an instance with another secret refuses to start and names the setting', async () => {
    const start = harness.startAnotherInstance({ KEY_ENCRYPTION_SECRET: 'another secret, not the one of the others' });

    await expect(start).rejects.toThrow('KEY_ENCRYPTION_SECRET');
  });
});
