import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import {
  keyEncryptionSecret as former,
  password,
  startAuthHarness,
  type AuthHarness,
} from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { aProtectedPerson, type Protected } from './protected-person.js';

const next = 'the-secret-that-takes-the-place-of-the-former';
/** Lets another instance be the one that does the job. */
const seldom = { RECURRING_JOB_POLL_SECONDS: '60' };
const often = { RECURRING_JOB_POLL_SECONDS: '0.5' };

type Instance = Awaited<ReturnType<AuthHarness['startAnotherInstance']>>;

const leftovers = createLeftovers();
let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness(seldom);
}, 60_000);

afterAll(async () => {
  await leftovers.close();
  await harness.stop();
});

async function start(
  KEY_ENCRYPTION_SECRET: string,
  more: Readonly<Record<string, string>> = seldom,
): Promise<Instance> {
  const instance = await harness.startAnotherInstance({ KEY_ENCRYPTION_SECRET, ...more });
  leftovers.defer('instance', () => instance.stop());
  return instance;
}

const ask = <Data>({ url }: Pick<Instance, 'url'>, query: string, input: object): Promise<GraphqlAnswer<Data>> =>
  sendSigned({ subgraph: 'auth', url: `${url}/graphql` }, anonymous, query, { input });

/** The harness, whose requests go to another instance. */
const through = ({ url }: Pick<Instance, 'url'>): AuthHarness => ({
  ...harness,
  request: (principal, query, variables) =>
    sendSigned({ subgraph: 'auth', url: `${url}/graphql` }, principal, query, variables),
});

/** Signs in at an instance with a password and a code. @returns an access token, undefined for a refusal */
async function signIn(
  instance: Pick<Instance, 'url'>,
  { email }: Protected,
  code: string,
): Promise<string | undefined> {
  await harness.sql(`update totp_factor set last_used_step = 0`);
  const begun = await ask<{ signIn: { challengeId: string } }>(
    instance,
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on MfaRequired { challengeId } } }',
    { email, password },
  );
  const entered = await ask<{ verifyMfa: { tokens: { accessToken: string } } }>(
    instance,
    'mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { tokens { accessToken } } }',
    { challengeId: begun.data?.signIn.challengeId, code },
  );
  return entered.data?.verifyMfa.tokens.accessToken;
}

/** What an instance pretends that somebody unknown has for passkeys. */
async function decoysAt(instance: Pick<Instance, 'url'>): Promise<readonly string[]> {
  const answer = await ask<{ startPasskeySignIn: { options: { allowCredentials: { id: string }[] } } }>(
    instance,
    'mutation ($input: StartPasskeySignInInput!) { startPasskeySignIn(input: $input) { options } }',
    { email: 'nobody@example.com' },
  );
  return answer.data?.startPasskeySignIn.options.allowCredentials.map(({ id }) => id) ?? [];
}

async function sealedTexts(): Promise<readonly unknown[]> {
  const rows = await harness.sql(
    `select sealed_secret as sealed from totp_factor union all select sealed_private_jwk from signing_key
     union all select sealed_key from hash_key`,
  );
  return rows.map(({ sealed }) => sealed);
}

describe('the secret that seals what the database keeps', () => {
  test('gives way to another: everything opens meanwhile, is sealed anew, and needs the former one no more', async () => {
    const person = await aProtectedPerson(harness, 'before');
    const [firstCode = '', secondCode = ''] = person.recoveryCodes;
    const decoys = await decoysAt(harness);
    const sealedBefore = await sealedTexts();
    await expect(start(next)).rejects.toThrow(/KEY_ENCRYPTION_SECRET: is not the one/);

    // Accepted everywhere, then used by some: what either of them seals opens at both.
    const accepting = await start(`${former},${next}`);
    const switched = await start(`${next},${former}`, often);
    const during = await aProtectedPerson(through(switched), 'during');
    expect(await signIn(switched, person, person.code())).toEqual(expect.any(String));
    expect(await signIn(accepting, during, during.code())).toEqual(expect.any(String));
    expect(await signIn(switched, person, firstCode)).toEqual(expect.any(String));
    expect([await decoysAt(accepting), await decoysAt(switched)]).toEqual([decoys, decoys]);
    await accepting.stop();

    // The job that does it is sent when an instance with several secrets starts; an instance of before may have taken the first one.
    await start(`${next},${former}`, often);
    await eventually(async () => (await sealedTexts()).every((text) => !sealedBefore.includes(text)), 60_000);

    const done = await start(next);
    const token = await signIn(done, person, person.code());
    const keySet = createRemoteJWKSet(new URL(`${harness.url}/.well-known/jwks.json`));
    await expect(jwtVerify(token ?? '', keySet)).resolves.toBeDefined();
    expect(await signIn(done, during, during.code())).toEqual(expect.any(String));
    expect(await signIn(done, person, secondCode)).toEqual(expect.any(String));
    expect(await signIn(done, person, firstCode)).toBeUndefined();
    expect(await decoysAt(done)).toEqual(decoys);
    await expect(start(former)).rejects.toThrow(/KEY_ENCRYPTION_SECRET: is not the one/);
  }, 180_000);

  test('must be the one used until now when hashes of a version before this one are first met', async () => {
    await aProtectedPerson(through(await start(next)), 'upgraded');
    await harness.sql('delete from hash_key');

    await expect(start(`${next},${former}`)).rejects.toThrow(
      'KEY_ENCRYPTION_SECRET: must be the one secret used until',
    );
  }, 60_000);
});
