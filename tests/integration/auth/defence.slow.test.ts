import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeClient, encodePrincipal, signPrincipal } from '@tessera/service/identity';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { anonymous, principalSecret, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  // Waits so long that no test outlasts one, however busy the machine is.
  harness = await startAuthHarness({ SIGN_IN_MAX_DELAY_SECONDS: '86400' });
}, 60_000);

afterAll(() => harness.stop());

const signInMutation = `mutation ($input: SignInInput!) {
  signIn(input: $input) { ... on SignedIn { tokens { expiresIn } } }
}`;

/** Signs in as a gateway passes it on from a client's address. */
async function signInFrom(address: string, email: string, secret: string): Promise<string> {
  const body = JSON.stringify({ query: signInMutation, variables: { input: { email, password: secret } } });
  const signed = { audience: 'auth', method: 'POST', path: '/graphql', body };
  const caller = { principal: encodePrincipal(anonymous), client: encodeClient({ address }) };
  const response = await fetch(`${harness.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signPrincipal(principalSecret, signed, caller, Date.now()) },
    body,
  });
  return codeOf((await response.json()) as GraphqlAnswer<unknown>);
}

const codeOf = ({ errors }: GraphqlAnswer<unknown>): string => errors?.[0]?.extensions.code ?? 'ok';

/** Lets time pass for all counters. */
const age = (seconds: number) =>
  harness.sql(
    `update sign_in_failure set last_at = last_at - interval '${seconds} seconds',
       blocked_until = blocked_until - interval '${seconds} seconds'`,
  );

/** Runs six at a time: more at once than may be looked at, and fewer than the subgraph sends away unheard. */
async function inSixes<T>(count: number, run: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let done = 0; done < count; done += 6) {
    const length = Math.min(6, count - done);
    results.push(...(await Promise.all(Array.from({ length }, (_, index) => run(done + index)))));
  }
  return results;
}

/** So many wrong passwords from so many addresses; @returns how many of them were looked at */
async function guess(email: string, times: number, addressOf: (index: number) => string): Promise<number> {
  const codes = await inSixes(times, (index) => signInFrom(addressOf(index), email, `guess ${index}`));
  expect(['RATE_LIMITED', 'UNAUTHENTICATED']).toEqual(expect.arrayContaining(codes));
  return codes.filter((code) => code === 'UNAUTHENTICATED').length;
}

const anAddress = (): string =>
  `10.${[...randomUUID()]
    .slice(0, 3)
    .map((digit) => digit.charCodeAt(0))
    .join('.')}`;

describe('who guesses passwords', () => {
  test('of one account from many addresses has to wait after a few, however many at once', async () => {
    const { email } = await harness.signUp('guessed');

    // The sixth still gets through, and begins the wait.
    expect(await guess(email, 12, (index) => `192.0.2.${index}`)).toBe(6);

    expect(await signInFrom('192.0.2.99', email, password)).toBe('RATE_LIMITED');
  }, 30_000);

  test('is in the log with each try that counts, and with the wait that one begins', async () => {
    const { email, userId } = await harness.signUp('watched');
    for (const index of Array(8).keys()) await guess(email, 1, () => `192.0.8.${index}`);

    const tries = await harness.sql(
      `select client_address, details from audit_entry where subject_id = '${userId}' and outcome = 'denied'
       order by occurred_at, id`,
    );
    expect(tries).toHaveLength(6);
    expect(tries[4]).toEqual({ client_address: '192.0.8.4', details: { method: 'pwd' } });
    expect(tries[5]).toEqual({ client_address: '192.0.8.5', details: { method: 'pwd', waitSeconds: 5_400 } });
  }, 30_000);

  test('waits longer each time, and never longer than is set', async () => {
    await harness.sql('delete from sign_in_failure');
    const { email } = await harness.signUp('patient');
    await guess(email, 6, () => '198.51.100.1');
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const [row] = await harness.sql(
        `select max(extract(epoch from blocked_until - last_at))::int as seconds from sign_in_failure where blocked_until is not null`,
      );
      waits.push(Number(row?.['seconds']));
      await harness.sql(`update sign_in_failure set blocked_until = null`);
      await guess(email, 1, () => `198.51.100.${round + 2}`);
    }

    expect(waits).toEqual([5_400, 10_800, 21_600, 43_200, 86_400, 86_400, 86_400]);
  }, 30_000);

  test('cannot lock out who signs in from where they came before', async () => {
    const { email } = await harness.signUp('victim');
    expect(await signInFrom('203.0.113.7', email, password)).toBe('ok');

    await guess(email, 12, (index) => `192.0.2.${100 + index}`);

    expect(await signInFrom('192.0.2.200', email, password)).toBe('RATE_LIMITED');
    expect(await signInFrom('203.0.113.7', email, password)).toBe('ok');
  }, 30_000);

  test('learns nothing of who has signed in from an address that is shared', async () => {
    const { email } = await harness.signUp('neighbour');
    const address = '203.0.113.70';
    expect(await signInFrom(address, email, password)).toBe('ok');

    const ofNobody = await guess('no-neighbour@example.com', 12, () => address);

    expect(await guess(email, 12, () => address)).toBe(ofNobody);
  }, 30_000);

  test('is forgiven with time: whoever was slowed down from a new address gets in', async () => {
    const { email } = await harness.signUp('forgiven');
    await guess(email, 6, (index) => `192.0.3.${index}`);
    expect(await signInFrom('192.0.3.99', email, password)).toBe('RATE_LIMITED');

    await age(86_400);

    expect(await signInFrom('192.0.3.99', email, password)).toBe('ok');
    expect(await guess(email, 5, () => '192.0.3.98')).toBe(5);
  }, 30_000);

  test('of many accounts from one address has to wait too', async () => {
    const address = anAddress();
    const codes = await inSixes(36, (index) => signInFrom(address, `nobody-${index}@example.com`, 'x'));

    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(31);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(5);
  }, 30_000);

  test('is none who signs in as one person many times at once, from a new address or a known one', async () => {
    await harness.sql('delete from sign_in_failure');
    const { email } = await harness.signUp('everywhere');

    const fromNew = await Promise.all([1, 2, 3, 4].map(() => signInFrom('192.0.5.1', email, password)));
    const fromKnown = await inSixes(18, () => signInFrom('192.0.5.1', email, password));

    expect(new Set([...fromNew, ...fromKnown])).toEqual(new Set(['ok']));
    const own = await harness.sql('select failures from sign_in_failure where failures > 0');
    expect(own).toEqual([]);
  }, 30_000);

  test('of an account that does not exist waits just the same', async () => {
    const email = 'nobody-at-all@example.com';

    expect(await guess(email, 12, (index) => `192.0.4.${index}`)).toBe(6);
  }, 30_000);
});

describe('a new password', () => {
  const signUp = (url: string, secret: string, email = `${randomUUID()}@example.com`) =>
    sendSigned<unknown>(
      { subgraph: 'auth', url: `${url}/graphql` },
      anonymous,
      'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } } }',
      { input: { email, password: secret, displayName: 'New' } },
    );
  const reasonOf = ({ errors }: GraphqlAnswer<unknown>): unknown => errors?.[0]?.extensions.details?.['reason'];

  test('is none of those that are tried first, nor the name of the address', async () => {
    for (const common of ['password1', 'Qwerty123!', '12345678']) {
      expect(reasonOf(await signUp(harness.url, common))).toBe('COMMON_PASSWORD');
    }
    expect(reasonOf(await signUp(harness.url, 'someone.special', 'someone.special@example.com'))).toBe(
      'COMMON_PASSWORD',
    );
    const { principal } = await harness.signUp('changes-password');
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }';
    const input = { currentPassword: password, newPassword: 'P@ssw0rd2026' };
    expect(reasonOf(await harness.request(principal, change, { input }))).toBe('COMMON_PASSWORD');
  });

  test('is not known from a breach, of which only a range is asked; without an answer the setting decides', async () => {
    const breached = 'wisteria-lantern-91';
    const digest = createHash('sha1').update(breached).digest('hex').toUpperCase();
    const asked: string[] = [];
    const service = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(`${'0'.repeat(35)}:3\r\n${digest.slice(5)}:42\r\n`);
    });
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const strict = { BREACHED_PASSWORDS_URL: url, BREACHED_PASSWORDS_UNKNOWN: 'refuse' };
    const [open, closed] = [
      await harness.startAnotherInstance({ BREACHED_PASSWORDS_URL: url }),
      await harness.startAnotherInstance(strict),
    ];

    expect(reasonOf(await signUp(open.url, breached))).toBe('BREACHED_PASSWORD');
    expect(codeOf(await signUp(open.url, 'another-lantern-92'))).toBe('ok');
    expect(asked[0]).toBe(`/range/${digest.slice(0, 5)}`);
    service.closeAllConnections();
    service.close();
    await once(service, 'close');
    expect(codeOf(await signUp(open.url, breached))).toBe('ok');
    expect(codeOf(await signUp(closed.url, breached))).toBe('SUBGRAPH_UNAVAILABLE');
    await open.stop();
    await closed.stop();
  }, 60_000);
});

test('who is unknown shows that a person asks, where the platform has a captcha; without an answer the setting decides', async () => {
  const asked: string[] = [];
  const service = createServer((request, response) => {
    void text(request).then((form) => {
      asked.push(form);
      response.end(JSON.stringify({ success: new URLSearchParams(form).get('response') === 'good' }));
    });
  });
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const captcha = {
    CAPTCHA_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/siteverify`,
    CAPTCHA_SECRET: 'a-secret-of-the-service',
  };
  const closed = await harness.startAnotherInstance(captcha);
  const open = await harness.startAnotherInstance({ ...captcha, CAPTCHA_UNANSWERED: 'allow' });
  const email = `${randomUUID()}@example.com`;
  const ways = [
    (token: string | null) => `signUp(input: { email: "${randomUUID()}@example.com", password: "${password}",
      displayName: "New", captchaToken: ${JSON.stringify(token)} }) { user { id } }`,
    (token: string | null) =>
      `requestPasswordReset(input: { email: "${email}", captchaToken: ${JSON.stringify(token)} })`,
    (token: string | null) =>
      `requestSignInCode(input: { email: "${email}", captchaToken: ${JSON.stringify(token)} }) { expiresAt }`,
    (token: string | null) => `requestEmailVerification(email: "${email}", captchaToken: ${JSON.stringify(token)})`,
  ];
  const codesOf = async (url: string, token: string | null) => {
    const endpoint = { subgraph: 'auth', url: `${url}/graphql` };
    const answers = await Promise.all(ways.map((way) => sendSigned(endpoint, anonymous, `mutation { ${way(token)} }`)));
    return [...new Set(answers.map(codeOf))];
  };

  expect(await codesOf(closed.url, null)).toEqual(['FORBIDDEN']);
  expect(asked).toEqual([]);
  expect(await codesOf(closed.url, 'bad')).toEqual(['FORBIDDEN']);
  expect(await codesOf(closed.url, 'good')).toEqual(['ok']);
  expect(asked.at(-1)).toBe('secret=a-secret-of-the-service&response=good');
  const { principal } = await harness.signUp('known-already');
  const again = { subgraph: 'auth', url: `${closed.url}/graphql` };
  expect(codeOf(await sendSigned(again, principal, 'mutation { requestEmailVerification }'))).toBe('ok');
  service.closeAllConnections();
  service.close();
  await once(service, 'close');
  expect(await codesOf(closed.url, 'good')).toEqual(['SUBGRAPH_UNAVAILABLE']);
  expect(await codesOf(open.url, 'good')).toEqual(['ok']);
  await Promise.all([closed.stop(), open.stop()]);
}, 120_000);
