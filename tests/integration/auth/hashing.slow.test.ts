import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash as hashBcrypt } from '@node-rs/bcrypt';
import { encodeClient, encodePrincipal, signPrincipal } from '@tessera/service/identity';
import { password, startAuthHarness, type AuthHarness, type Tokens } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { anonymous, principalSecret, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

const leastHash = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/;

let harness: AuthHarness;
/** Of {@link password}, as another system left it behind: one takes about a quarter of a second. */
let dearHash: string;

beforeAll(async () => {
  dearHash = await hashBcrypt(password, { cost: 12 });
  harness = await startAuthHarness({ SIGN_IN_FREE_FAILURES: '1000', MAX_QUEUE_MS: '5000' });
}, 120_000);

afterAll(() => harness.stop());

const signInQuery = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }';

interface Refusable {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly retryAfterSeconds?: number };
}

const signInAt = (url: string, email: string, secret = password): Promise<GraphqlAnswer<unknown>> =>
  sendSigned({ subgraph: 'auth', url: `${url}/graphql` }, anonymous, signInQuery, { i: { email, password: secret } });

const storedHash = async (userId: string): Promise<unknown> =>
  (await harness.sql(`select hash from password where account_id = '${userId}'`))[0]?.['hash'];

const setHash = (userId: string, hash: string) =>
  harness.sql(`update password set hash = '${hash}' where account_id = '${userId}'`);

const strengths = () => harness.sql('select target_ms, memory_kib, passes, measured_at::text from password_strength');

/** Signs in at an instance that is started with such a target, and answers what hash is stored then. */
async function hashAfterSignIn(targetMs: number, userId: string, email: string): Promise<unknown> {
  const instance = await harness.startAnotherInstance({ PASSWORD_HASH_TARGET_MS: String(targetMs) });
  const answer = await signInAt(instance.url, email);
  await instance.stop();
  expect(answer.errors).toBeUndefined();
  return storedHash(userId);
}

describe('the strength of hashes', () => {
  test('without a target is what OWASP recommends, and a hash of another system becomes so at sign-in', async () => {
    const { userId, email } = await harness.signUp('from-elsewhere');
    expect(await storedHash(userId)).toMatch(leastHash);
    await setHash(userId, dearHash);

    const wrong = await signInAt(harness.url, email, 'another password');
    expect(wrong.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(await storedHash(userId)).toBe(dearHash);
    expect((await signInAt(harness.url, email)).errors).toBeUndefined();

    expect(await storedHash(userId)).toMatch(leastHash);
    expect((await signInAt(harness.url, email)).errors).toBeUndefined();
    expect(await strengths()).toEqual([]);
  });

  test.each(['2a', '2b', '2y'] as const)(
    'lets in with a bcrypt hash of version %s, and becomes ours',
    async (version) => {
      const { userId, email } = await harness.signUp(`bcrypt-${version}`);
      await setHash(userId, await hashBcrypt(password, { cost: 4, version }));

      const refused = await signInAt(harness.url, email, 'not that password');
      const entered = [await signInAt(harness.url, email), await signInAt(harness.url, email)];

      expect(refused.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
      expect(entered.map(({ errors }) => errors)).toEqual([undefined, undefined]);
      expect(await storedHash(userId)).toMatch(leastHash);
    },
  );

  test('leaves a bcrypt hash of 72 bytes and more: it knows no more, and a slip after those must not become the password', async () => {
    const { userId, email } = await harness.signUp('bcrypt-long');
    const long = 'x'.repeat(80);
    const stored = await hashBcrypt(long, { cost: 4 });
    await setHash(userId, stored);

    expect((await signInAt(harness.url, email, `${long.slice(0, 79)}y`)).errors).toBeUndefined();

    expect(await storedHash(userId)).toBe(stored);
    expect((await signInAt(harness.url, email, long)).errors).toBeUndefined();
  });

  test('is measured once for a target: later instances take what was measured, and upgrade at sign-in', async () => {
    const { userId, email } = await harness.signUp('upgraded');

    await hashAfterSignIn(60, userId, email);
    const [measured] = await strengths();
    await hashAfterSignIn(60, userId, email);

    expect(await strengths()).toEqual([measured]);
    expect(measured?.['target_ms']).toBe(60);
    expect(Number(measured?.['memory_kib'])).toBeGreaterThanOrEqual(19_456);
    expect(Number(measured?.['passes'])).toBeGreaterThanOrEqual(2);
    await harness.sql('update password_strength set memory_kib = 20480, passes = 3');
    const later = await harness.signUp('upgraded-later');
    expect(await hashAfterSignIn(60, later.userId, later.email)).toMatch(/\$m=20480,t=3,p=1\$/);
  }, 120_000);

  test('is never less than that, whatever is remembered, and a stronger hash stays', async () => {
    const { userId, email } = await harness.signUp('never-weaker');
    await harness.sql(
      'delete from password_strength',
      'insert into password_strength (target_ms, memory_kib, passes) values (70, 1024, 1)',
    );
    expect(await hashAfterSignIn(70, userId, email)).toMatch(leastHash);

    await harness.sql('update password_strength set memory_kib = 20480, passes = 3');
    const strong = await hashAfterSignIn(70, userId, email);
    expect((await signInAt(harness.url, email)).errors).toBeUndefined();
    expect(await storedHash(userId)).toBe(strong);
  }, 120_000);
});

test('an address without an account takes the work of the hashes that are stored, also where those are of another day', async () => {
  const { email } = await harness.signUp('old-hash');
  const before = await harness.sql('select account_id, hash from password');
  await harness.sql(`update password set hash = '${dearHash}'`);
  const instance = await harness.startAnotherInstance();
  /** Processor time of this process, in which the instance runs: it does not depend on what else the machine does. */
  const workOf = async (address: string): Promise<number> => {
    const used = process.cpuUsage();
    const answer = await signInAt(instance.url, address, 'not the password');
    const { user, system } = process.cpuUsage(used);
    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    return user + system;
  };
  const least = { known: Infinity, unknown: Infinity };

  for (let round = 0; round < 3; round += 1) {
    least.known = Math.min(least.known, await workOf(email));
    least.unknown = Math.min(least.unknown, await workOf(`nobody-${round}@example.com`));
  }

  await instance.stop();
  for (const { account_id: id, hash } of before) await setHash(String(id), String(hash));
  // Today's hash takes a tenth of the work of these.
  expect(least.unknown / least.known).toBeGreaterThan(0.5);
  expect(least.unknown / least.known).toBeLessThan(2);
}, 120_000);

/** One sign-in with a wrong password, as it comes from an address. */
async function guessFrom(address: string, email: string): Promise<Refusable | undefined> {
  const body = JSON.stringify({ query: signInQuery, variables: { i: { email, password: 'a guess' } } });
  const signed = { audience: 'auth', method: 'POST', path: '/graphql', body };
  const caller = { principal: encodePrincipal(anonymous), client: encodeClient({ address }) };
  const response = await fetch(`${harness.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signPrincipal(principalSecret, signed, caller, Date.now()) },
    body,
  });
  return ((await response.json()) as { readonly errors?: readonly Refusable[] }).errors?.[0];
}

/** On a machine that is starved the whole process may be too busy for a moment: a client comes again, as it is told. */
async function refreshAsTold(refreshToken: string): Promise<Tokens> {
  try {
    return await harness.refresh(refreshToken);
  } catch (error) {
    if ((error as Error).message !== 'OVERLOADED') throw error;
    await setTimeout(1_000);
    return harness.refresh(refreshToken);
  }
}

describe('a flood of sign-ins', () => {
  test('is sent away beyond what can be hashed in time, and harms neither refreshes nor whom it is about', async () => {
    const { userId, email } = await harness.signUp('flooded');
    const bystander = await harness.signUp('bystander');
    await setHash(userId, dearHash);
    let onRefused: () => void = () => undefined;
    const firstRefusal = new Promise<void>((resolve) => (onRefused = resolve));
    const guess = async (): Promise<Refusable | undefined> => {
      const error = await guessFrom('192.0.2.7', email);
      if (error?.extensions.code === 'OVERLOADED') onRefused();
      return error;
    };

    const flood = Promise.all(Array.from({ length: 100 }, guess));
    await firstRefusal;
    let { refreshToken } = bystander.tokens;
    for (let time = 0; time < 20; time += 1) refreshToken = (await refreshAsTold(refreshToken)).refreshToken;
    const errors = await flood;

    const refused = errors.filter((error) => error?.extensions.code === 'OVERLOADED');
    // On a starved machine some come so late that the caller's signature has expired: nobody looked at those.
    const looked = errors.filter((error) => error?.message === 'E-mail address or password is wrong');
    const unheard = errors.filter((error) => error?.extensions.code === 'UNAUTHENTICATED').length - looked.length;
    expect(refused.length + looked.length + unheard).toBe(100);
    expect(refused.length).toBeGreaterThan(20);
    expect(looked.length).toBeGreaterThan(1);
    expect(refused.every((error) => Number(error?.extensions.retryAfterSeconds) >= 1)).toBe(true);
    // Who was sent away unheard did not guess: the account's counter tells only of those who were looked at.
    const [counted] = await harness.sql('select max(failures) as failures from sign_in_failure');
    expect(Math.round(Number(counted?.['failures']))).toBe(looked.length);
    expect((await signInAt(harness.url, email)).errors).toBeUndefined();
  }, 120_000);

  test('keeps none of the turns that others need: a refresh comes between', async () => {
    const people = await Promise.all(['queues-1', 'queues-2', 'queues-3'].map((name) => harness.signUp(name)));
    const dearest = await hashBcrypt(password, { cost: 14 });
    for (const { userId } of people) await setHash(userId, dearest);
    const { refreshToken } = (await harness.signUp('comes-between')).tokens;
    await harness.sql('delete from sign_in_failure');
    // As many turns as there are sign-ins: two are hashed, one waits for that.
    const instance = await harness.startAnotherInstance({ MAX_CONCURRENT_REQUESTS: '3', MAX_QUEUE_MS: '60000' });
    const ended: string[] = [];

    const signIns = people.map(({ email }) => signInAt(instance.url, email).then(() => ended.push('sign-in')));
    await eventually(async () => (await harness.sql('select 1 from sign_in_failure')).length === 3, 30_000);
    const refresh = 'mutation ($token: String!) { refreshTokens(refreshToken: $token) { expiresIn } }';
    const endpoint = { subgraph: 'auth', url: `${instance.url}/graphql` };
    const answer = await sendSigned(endpoint, anonymous, refresh, { token: refreshToken });
    ended.push('refresh');
    await Promise.all(signIns);

    expect(answer.errors).toBeUndefined();
    expect(ended).toEqual(['refresh', 'sign-in', 'sign-in', 'sign-in']);
    await instance.stop();
  }, 120_000);
});
