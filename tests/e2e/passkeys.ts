import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ask, send } from '../support/graphql-client.js';
import { startPasskeyBrowser, type PasskeyAnswer, type PasskeyBrowser } from '../support/passkey-browser.js';
import type { Person } from './people.js';
import type { SteppingSurroundings } from './step-up.js';
import { aProvenPerson } from './ways-in.js';

const passkeyFields = 'id name isBackedUp lastUsedAt';
const startAdding = 'mutation { startPasskeyRegistration { ceremonyId options } }';
const add = `mutation ($input: CompletePasskeyRegistrationInput!) {
  completePasskeyRegistration(input: $input) { ${passkeyFields} }
}`;
const startSignIn = `mutation ($input: StartPasskeySignInInput!) {
  startPasskeySignIn(input: $input) { ceremonyId options }
}`;
const signIn = `mutation ($input: CompletePasskeySignInInput!) {
  completePasskeySignIn(input: $input) { ... on SignedIn { user { id displayName } tokens { accessToken } } }
}`;

interface Question {
  readonly ceremonyId: string;
  readonly options: { readonly challenge: string; readonly allowCredentials?: readonly { readonly id: string }[] };
}

/** Passkeys in a real browser with a virtual authenticator. */
export function definePasskeys(surroundings: () => SteppingSurroundings): void {
  let browser: PasskeyBrowser;
  beforeAll(async () => {
    browser = await startPasskeyBrowser(surroundings().origin);
  }, 60_000);
  beforeEach(() => browser.clear());
  afterAll(() => browser?.close());

  const askAdding = async ({ accessToken: token }: Person): Promise<Question> =>
    (await ask(surroundings().origin, { query: startAdding, token })).startPasskeyRegistration;

  const sendAdding = ({ accessToken: token }: Person, ceremonyId: string, response: PasskeyAnswer) =>
    send(surroundings().origin, { query: add, variables: { input: { ceremonyId, name: 'Laptop', response } }, token });

  async function aPersonWithPasskey(name: string): Promise<Person & { readonly credential: PasskeyAnswer }> {
    const person = await aProvenPerson(surroundings(), name);
    const { ceremonyId, options } = await askAdding(person);
    const credential = await browser.create(options);
    const added = await sendAdding(person, ceremonyId, credential);
    expect(added.data?.completePasskeyRegistration).toMatchObject({ name: 'Laptop', lastUsedAt: null });
    return { ...person, credential };
  }

  const askSignIn = async (email?: string): Promise<Question> =>
    (await ask(surroundings().origin, { query: startSignIn, variables: { input: { email } } })).startPasskeySignIn;

  const sendSignIn = (ceremonyId: string, response: PasskeyAnswer) =>
    send(surroundings().origin, { query: signIn, variables: { input: { ceremonyId, response } } });

  test('a passkey is added, told by mail, and lets in without a name, once per question', async () => {
    const { id, email, accessToken: token } = await aPersonWithPasskey('Pia Passkey');
    const { ceremonyId, options } = await askSignIn();
    const answer = await browser.get(options);

    const entered = await sendSignIn(ceremonyId, answer);
    const replayed = await sendSignIn(ceremonyId, answer);

    expect(options.allowCredentials ?? []).toEqual([]);
    expect(entered.data?.completePasskeySignIn.user).toEqual({ id, displayName: 'Pia Passkey' });
    expect(replayed.code).toBe('UNAUTHENTICATED');
    const { passkeys } = await ask(surroundings().origin, { query: `{ passkeys { ${passkeyFields} } }`, token });
    expect(passkeys).toMatchObject([{ name: 'Laptop', lastUsedAt: expect.any(String) }]);
    await surroundings().smtp.nextMail(
      ({ recipients, subject }) => recipients.includes(email) && /passkey was added/.test(subject),
    );
  });

  test('a passkey lets in by address too; who has none is answered alike', async () => {
    const { id, email, credential } = await aPersonWithPasskey('Ada Address');
    const { ceremonyId, options } = await askSignIn(email);
    const nobody = await askSignIn('nobody-at-all@example.com');
    const again = await askSignIn('nobody-at-all@example.com');

    const entered = await sendSignIn(ceremonyId, await browser.get(options));

    expect(options.allowCredentials?.map((allowed) => allowed.id)).toEqual([credential.id]);
    expect(entered.data?.completePasskeySignIn.user.id).toBe(id);
    expect(Object.keys(nobody.options)).toEqual(Object.keys(options));
    expect(nobody.options.allowCredentials).toHaveLength(1);
    expect(again.options.allowCredentials).toEqual(nobody.options.allowCredentials);
  });

  test('an answer is refused to another question, with another owner, changed, or of an unverified holder', async () => {
    const { email } = await aPersonWithPasskey('Rae Refused');
    const { ceremonyId, options } = await askSignIn(email);
    const answer = await browser.get(options);
    const other = await askSignIn(email);
    const own = await askSignIn(email);
    const changed = await browser.get(own.options);
    const signature = `${changed.response['signature']?.slice(0, -2)}AA`;
    const stranger = await askSignIn(email);
    const strange = await browser.get(stranger.options);
    const userHandle = Buffer.alloc(16).toString('base64url');

    expect((await sendSignIn(other.ceremonyId, answer)).code).toBe('UNAUTHENTICATED');
    expect((await sendSignIn(ceremonyId, { ...answer, id: 'AAAA' })).code).toBe('UNAUTHENTICATED');
    const forged = { ...changed, response: { ...changed.response, signature } };
    expect((await sendSignIn(own.ceremonyId, forged)).code).toBe('UNAUTHENTICATED');
    const owned = { ...strange, response: { ...strange.response, userHandle } };
    expect((await sendSignIn(stranger.ceremonyId, owned)).code).toBe('UNAUTHENTICATED');
    await browser.setUserVerified(false);
    const unverified = await askSignIn(email);
    const lax = { ...unverified.options, userVerification: 'discouraged' };
    const half = await browser.get(lax);
    await browser.setUserVerified(true);
    expect((await sendSignIn(unverified.ceremonyId, half)).code).toBe('UNAUTHENTICATED');
  });

  test('a passkey steps up: who signs in with it may do what the old session is refused', async () => {
    const { id, accessToken: token } = await aPersonWithPasskey('Sue Step');
    const { origin, age } = surroundings();
    const [passkey] = (await ask(origin, { query: '{ passkeys { id } }', token })).passkeys;
    const query = 'mutation ($id: ID!) { removePasskey(id: $id) }';
    await age(id);

    const stale = await send(origin, { query, variables: { id: passkey.id }, token });
    const { ceremonyId, options } = await askSignIn();
    const entered = await sendSignIn(ceremonyId, await browser.get(options));
    const fresh = entered.data?.completePasskeySignIn.tokens.accessToken;
    const still = await send(origin, { query, variables: { id: passkey.id }, token });

    for (const { errors } of [stale, still]) {
      const { code, details } = errors?.[0]?.extensions ?? {};
      expect([code, details?.['reason']]).toEqual(['PRECONDITION_FAILED', 'REAUTHENTICATION_REQUIRED']);
    }
    expect((await send(origin, { query, variables: { id: passkey.id }, token: fresh })).errors).toBeUndefined();
  });

  test('a passkey is shown within a session too, by its owner, once per question', async () => {
    const { id, accessToken: token } = await aPersonWithPasskey('Pam Proof');
    const thief = await aProvenPerson(surroundings(), 'Tom Taker');
    const { origin, age } = surroundings();
    const [passkey] = (await ask(origin, { query: '{ passkeys { id } }', token })).passkeys;
    const remove = { query: 'mutation ($id: ID!) { removePasskey(id: $id) }', variables: { id: passkey.id }, token };
    const query = 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }';
    const answered = async () => {
      const { ceremonyId, options } = await askSignIn();
      return { input: { passkey: { ceremonyId, response: await browser.get(options) } } };
    };
    await Promise.all([age(id), age(thief.id)]);

    const stale = await send(origin, remove);
    const stolen = await send(origin, { query, variables: await answered(), token: thief.accessToken });
    const variables = await answered();
    const shown = await send(origin, { query, variables, token });
    const replayed = await send(origin, { query, variables, token });

    expect(stale.errors?.[0]?.extensions.details).toEqual({
      reason: 'REAUTHENTICATION_REQUIRED',
      needs: ['password'],
      alternatives: ['passkey'],
    });
    expect([stolen.code, shown.code, replayed.code]).toEqual(['FORBIDDEN', undefined, 'FORBIDDEN']);
    expect((await send(origin, remove)).data).toEqual({ removePasskey: true });
    const enroll = { query: 'mutation { enrollTotp { secret } }', token: thief.accessToken };
    expect((await send(origin, enroll)).code).toBe('PRECONDITION_FAILED');
  });

  test('a page of another origin makes and uses no passkey', async () => {
    const person = await aProvenPerson(surroundings(), 'Olga Origin');
    const { hostname, port } = new URL(surroundings().origin);
    const elsewhere = await startPasskeyBrowser(
      `http://${hostname}:${Number(port) === 65_535 ? 1_024 : Number(port) + 1}`,
    );
    const { ceremonyId, options } = await askAdding(person);

    const credential = await elsewhere.create(options);
    await elsewhere.close();

    expect((await sendAdding(person, ceremonyId, credential)).code).toBe('BAD_USER_INPUT');
  });

  test('a passkey that is removed lets in no more; nobody adds one to another’s account', async () => {
    const person = await aPersonWithPasskey('Rex Removed');
    const thief = await aProvenPerson(surroundings(), 'Theo Thief');
    const { origin } = surroundings();
    const token = person.accessToken;
    const [{ id }] = (await ask(origin, { query: '{ passkeys { id } }', token })).passkeys;
    const pending = await askAdding(thief);
    const remove = 'mutation ($id: ID!) { removePasskey(id: $id) }';

    const stolen = await send(origin, { query: remove, variables: { id }, token: thief.accessToken });
    const foreign = await sendAdding(person, pending.ceremonyId, await browser.create(pending.options));
    await ask(origin, { query: remove, variables: { id }, token });

    const { ceremonyId, options } = await askSignIn();
    const answer = await browser.get({
      ...options,
      allowCredentials: [{ id: person.credential.id, type: 'public-key' }],
    });
    expect(stolen.code).toBe('NOT_FOUND');
    expect(foreign.code).toBe('BAD_USER_INPUT');
    expect((await sendSignIn(ceremonyId, answer)).code).toBe('UNAUTHENTICATED');
  });
}
