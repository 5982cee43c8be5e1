import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import { principalOf, startAuthHarness, type AuthHarness, type SignedUp } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { oidcRedirectUri, startOidcProvider, type OidcProviderProcess } from '../../support/oidc-provider.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let provider: OidcProviderProcess;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  provider = await startOidcProvider();
  harness = await startAuthHarness({ MAIL_URL: smtp.url, OIDC_PROVIDERS: provider.setting });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await provider.stop();
  await smtp.stop();
});

const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;
const reasonOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.details?.['reason'];

interface Flow {
  readonly flowId: string;
  readonly authorizationUrl: string;
}

const startSignIn = 'mutation ($input: StartOidcInput!) { startOidcSignIn(input: $input) { flowId authorizationUrl } }';
const completeSignIn = `mutation ($input: CompleteOidcInput!) {
  completeOidcSignIn(input: $input) { __typename ... on SignedIn { user { id email } tokens { accessToken } } }
}`;
const startLink = 'mutation ($input: StartOidcInput!) { startOidcLink(input: $input) { flowId authorizationUrl } }';
const completeLink =
  'mutation ($input: CompleteOidcInput!) { completeOidcLink(input: $input) { id providerId email } }';

const target = { providerId: 'acme', redirectUri: oidcRedirectUri };

const begin = async (): Promise<Flow> =>
  (await harness.request(anonymous, startSignIn, { input: target })).data.startOidcSignIn;

const finish = (flowId: string, callbackUrl: string) =>
  harness.request(anonymous, completeSignIn, { input: { flowId, callbackUrl } });

async function signInAs(email: string) {
  const { flowId, authorizationUrl } = await begin();
  return finish(flowId, await provider.logIn(authorizationUrl, email));
}

async function aProvenPerson(name: string): Promise<SignedUp> {
  const person = await harness.signUp(name);
  await harness.sql(`update account set email_verified_at = now() where id = '${person.userId}'`);
  return person;
}

async function link({ principal }: SignedUp, email: string) {
  const { flowId, authorizationUrl } = (await harness.request(principal, startLink, { input: target })).data
    .startOidcLink;
  const callbackUrl = await provider.logIn(authorizationUrl, email);
  return harness.request(principal, completeLink, { input: { flowId, callbackUrl } });
}

describe('an identity provider', () => {
  test('lets in who is new, with a proven address, and who is known as the same person', async () => {
    const first = await signInAs('new@idp.example');
    const again = await signInAs('new@idp.example');

    const { user, tokens } = first.data.completeOidcSignIn;
    expect(user.email).toBe('new@idp.example');
    expect(again.data.completeOidcSignIn.user.id).toBe(user.id);
    const verified = `select email_verified_at is not null as yes from account where id = '${user.id}'`;
    expect(await harness.sql(verified)).toEqual([{ yes: true }]);
    const identities = await harness.request(principalOf(tokens.accessToken), '{ identities { providerId email } }');
    expect(identities.data.identities).toEqual([{ providerId: 'acme', email: 'new@idp.example' }]);
    expect((await harness.request(anonymous, '{ oidcProviders { id name } }')).data.oidcProviders).toEqual([
      { id: 'acme', name: 'Acme' },
    ]);
  });

  test('is asked with PKCE, state and nonce', async () => {
    const { searchParams } = new URL((await begin()).authorizationUrl);

    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: oidcRedirectUri,
    });
  });

  test('may let in through another instance than the one that began', async () => {
    const other = await harness.startAnotherInstance();
    const { flowId, authorizationUrl } = await begin();
    const callbackUrl = await provider.logIn(authorizationUrl, 'roaming@idp.example');

    const answer = await sendSigned<{ completeOidcSignIn: { __typename: string } }>(
      { subgraph: 'auth', url: `${other.url}/graphql` },
      anonymous,
      completeSignIn,
      { input: { flowId, callbackUrl } },
    );
    await other.stop();

    expect(answer.data?.completeOidcSignIn.__typename).toBe('SignedIn');
  });

  test('makes no account of an address that it has not verified', async () => {
    expect(reasonOf(await signInAs('unverified@idp.example'))).toBe('EMAIL_NOT_VERIFIED');
  });

  test('makes no trouble by the name that it tells: the address stands in for it', async () => {
    const names: unknown[] = [];
    const handle = async ({ payload }: DomainEvent) => void names.push(payload['displayName']);
    const consumer = harness.eventBus.subscribe({ consumer: 'names', types: ['user.signedUp'], handle });

    expect((await signInAs('hostile@idp.example')).errors).toBeUndefined();
    await eventually(() => names.includes('hostile'));
    await consumer.close();
  });

  test('opens no account by its address: it is linked explicitly', async () => {
    const { email } = await harness.signUp('settled');

    const answer = await signInAs(email);

    expect(codeOf(answer)).toBe('CONFLICT');
    expect(reasonOf(answer)).toBe('ACCOUNT_EXISTS');
  });
});

describe('what a browser comes back with', () => {
  test('is good once, in the browser that began, for the flow that it began', async () => {
    const mine = await begin();
    const others = await begin();
    const callbackUrl = await provider.logIn(mine.authorizationUrl, 'once@idp.example');

    expect(codeOf(await finish(others.flowId, callbackUrl))).toBe('UNAUTHENTICATED');
    expect(codeOf(await finish('x'.repeat(43), callbackUrl))).toBe('UNAUTHENTICATED');
    expect((await finish(mine.flowId, callbackUrl)).errors).toBeUndefined();
    expect(codeOf(await finish(mine.flowId, callbackUrl))).toBe('UNAUTHENTICATED');
  });

  test.each<[string, (url: URL) => void]>([
    ['another state', (url) => url.searchParams.set('state', 'x'.repeat(43))],
    ['no state', (url) => url.searchParams.delete('state')],
    ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', (url) => url.searchParams.delete('iss')],
    ['another code', (url) => url.searchParams.set('code', 'guessed')],
    ['a refusal', (url) => (url.search = `?error=access_denied&state=${url.searchParams.get('state')}`)],
    ['another path', (url) => (url.pathname += '/../elsewhere')],
    ['another host', (url) => (url.hostname = 'evil.example')],
  ])('is refused with %s', async (_what, change) => {
    const { flowId, authorizationUrl } = await begin();
    const callback = new URL(await provider.logIn(authorizationUrl, 'tricked@idp.example'));
    change(callback);
    const refusals = `select count(*)::int from audit_entry
      where action = 'session.opened' and outcome = 'denied' and details ->> 'method' = 'fed'`;
    const [before] = await harness.sql(refusals);

    expect(codeOf(await finish(flowId, callback.href))).toBe('UNAUTHENTICATED');
    expect(await harness.sql(refusals)).toEqual([{ count: Number(before?.['count']) + 1 }]);
  });

  test('is refused after ten minutes', async () => {
    const { flowId, authorizationUrl } = await begin();
    const callbackUrl = await provider.logIn(authorizationUrl, 'late@idp.example');
    await harness.sql('update oidc_flow set expires_at = now()');

    expect(codeOf(await finish(flowId, callbackUrl))).toBe('UNAUTHENTICATED');
  });

  test.each([
    { ...target, redirectUri: `${oidcRedirectUri}/` },
    { ...target, redirectUri: `${oidcRedirectUri}?x=1` },
    { ...target, redirectUri: 'http://localhost:4321.evil.example/signed-in' },
    { ...target, providerId: 'nobody' },
  ])('begins with exactly what the settings allow, not with %j', async (input) => {
    expect(codeOf(await harness.request(anonymous, startSignIn, { input }))).toBe('BAD_USER_INPUT');
  });
});

describe('linking', () => {
  test('adds a way in to the account that is signed in, and unlinking takes it away; both are told by mail', async () => {
    const person = await aProvenPerson('linker');
    const linked = await link(person, 'other-name@idp.example');
    const entered = await signInAs('other-name@idp.example');
    const [{ id }] = linked.data.completeOidcLink;

    const unlinked = await harness.request(person.principal, 'mutation ($id: ID!) { unlinkIdentity(id: $id) }', { id });

    expect(linked.data.completeOidcLink).toEqual([{ id, providerId: 'acme', email: 'other-name@idp.example' }]);
    expect(entered.data.completeOidcSignIn.user).toEqual({ id: person.userId, email: person.email });
    expect(unlinked.data.unlinkIdentity).toBe(true);
    for (const subject of [/way to sign in was added/, /way to sign in was removed/]) {
      await smtp.nextMail((mail) => mail.recipients.includes(person.email) && subject.test(mail.subject));
    }
  });

  test('needs a proven address and a recent proof', async () => {
    const unproven = await harness.signUp('unproven-linker');
    const stale = await aProvenPerson('stale-linker');
    await harness.sql(
      `update session set authenticated_at = now() - interval '1 hour' where user_id = '${stale.userId}'`,
    );

    expect(reasonOf(await harness.request(unproven.principal, startLink, { input: target }))).toBe(
      'EMAIL_NOT_VERIFIED',
    );
    expect(reasonOf(await harness.request(stale.principal, startLink, { input: target }))).toBe(
      'REAUTHENTICATION_REQUIRED',
    );
  });

  test('does not take an identity from another account, nor end a flow that another began', async () => {
    const owner = await aProvenPerson('first-owner');
    const thief = await aProvenPerson('thief');
    await link(owner, 'shared@idp.example');
    const { flowId, authorizationUrl } = (await harness.request(owner.principal, startLink, { input: target })).data
      .startOidcLink;
    const callbackUrl = await provider.logIn(authorizationUrl, 'victim@idp.example');

    expect(codeOf(await link(thief, 'shared@idp.example'))).toBe('CONFLICT');
    const stolen = await harness.request(thief.principal, completeLink, { input: { flowId, callbackUrl } });
    expect(codeOf(stolen)).toBe('UNAUTHENTICATED');
    expect(codeOf(await finish(flowId, callbackUrl))).toBe('UNAUTHENTICATED');
  });

  test('of others shows nothing and unlinks nothing', async () => {
    const owner = await aProvenPerson('private');
    const stranger = await aProvenPerson('curious');
    const [{ id }] = (await link(owner, 'private@idp.example')).data.completeOidcLink;
    const unlink = 'mutation ($id: ID!) { unlinkIdentity(id: $id) }';

    expect((await harness.request(stranger.principal, '{ identities { id } }')).data.identities).toEqual([]);
    expect(codeOf(await harness.request(stranger.principal, unlink, { id }))).toBe('NOT_FOUND');
  });
});

test('a provider that is down is said to be', async () => {
  const gone = JSON.stringify([{ ...JSON.parse(provider.setting)[0], issuer: 'http://127.0.0.1:9' }]);
  const instance = await harness.startAnotherInstance({ OIDC_PROVIDERS: gone });

  const endpoint = { subgraph: 'auth', url: `${instance.url}/graphql` };
  const answer = await sendSigned<unknown>(endpoint, anonymous, startSignIn, { input: target });
  await instance.stop();

  expect(codeOf(answer)).toBe('SUBGRAPH_UNAVAILABLE');
});
