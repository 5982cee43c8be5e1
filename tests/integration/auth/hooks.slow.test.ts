import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createWebhookSecret, verifyWebhook } from '@tessera/service/webhooks';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { oidcRedirectUri, startOidcProvider, type OidcProviderProcess } from '../../support/oidc-provider.js';
import { anonymous } from '../../support/subgraph-harness.js';

interface Received {
  readonly path: string;
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const secret = createWebhookSecret();
const received: Received[] = [];
/** What each path answers; without an entry, 204. */
const answers = new Map<string, { readonly status: number; readonly body?: string } | 'nothing'>();

let receiver: Server;
let provider: OidcProviderProcess;
let harness: AuthHarness;

beforeAll(async () => {
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? '';
      // Throws for what is not signed, and then nothing is received.
      const { id } = verifyWebhook([secret], request.headers, body, Date.now());
      received.push({ path, id, ...(JSON.parse(body) as Pick<Received, 'type' | 'data'>) });
      const answer = answers.get(path) ?? { status: 204 };
      if (answer !== 'nothing') response.writeHead(answer.status).end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  provider = await startOidcProvider();
  harness = await startAuthHarness({
    OIDC_PROVIDERS: provider.setting,
    HOOK_BEFORE_SIGN_UP_URL: `${url}/before-up`,
    HOOK_BEFORE_SIGN_IN_URL: `${url}/before-in`,
    HOOK_AFTER_SIGN_UP_URL: `${url}/after-up`,
    HOOK_AFTER_SIGN_IN_URL: `${url}/after-in`,
    // As while one takes the place of the other: whoever knows either of them is content.
    HOOK_SECRET: `${createWebhookSecret()},${secret}`,
    HOOK_TIMEOUT_MS: '2000',
    WEBHOOKS_ALLOW_PRIVATE: 'true',
  });
}, 180_000);

afterAll(async () => {
  await harness.stop();
  await provider.stop();
  receiver.closeAllConnections();
  receiver.close();
});

beforeEach(() => answers.clear());

const signUp = (email: string) =>
  harness.request(
    anonymous,
    'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } tokens { accessToken } } }',
    { input: { email, password, displayName: 'Somebody' } },
  );

const signIn = (email: string) =>
  harness.request(
    anonymous,
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { user { id } } } }',
    { input: { email, password } },
  );

/** Comes by an identity provider, in as many steps as a browser takes. */
async function comeByProvider(email: string) {
  const start = 'mutation ($input: StartOidcInput!) { startOidcSignIn(input: $input) { flowId authorizationUrl } }';
  const complete = `mutation ($input: CompleteOidcInput!) {
    completeOidcSignIn(input: $input) { ... on SignedIn { user { id } } } }`;
  const target = { providerId: 'acme', redirectUri: oidcRedirectUri };
  const { flowId, authorizationUrl } = (await harness.request(anonymous, start, { input: target })).data
    .startOidcSignIn;
  const callbackUrl = await provider.logIn(authorizationUrl, email);
  return harness.request(anonymous, complete, { input: { flowId, callbackUrl } });
}

const of = (path: string, email: string) =>
  received.filter((hook) => hook.path === path && hook.data['email'] === email);
const faultOf = ({ errors }: Awaited<ReturnType<typeof signIn>>) =>
  errors?.[0] && { code: errors[0].extensions.code, message: errors[0].message };

describe('a hook before', () => {
  test('a sign-up and a sign-in is asked, signed, about who it is', async () => {
    const email = 'asked@example.com';
    const { data } = await signUp(email);
    await signIn(email);

    expect(of('/before-up', email)).toMatchObject([{ type: 'signUp.before', data: { displayName: 'Somebody' } }]);
    expect(of('/before-in', email)).toMatchObject([
      { type: 'signIn.before', data: { userId: data.signUp.user.id, methods: ['pwd'], sessionId: expect.any(String) } },
    ]);
  });

  test('a sign-up refuses it in its own words, and nothing of it is left but a line in the log', async () => {
    answers.set('/before-up', { status: 200, body: '{"allow":false,"message":"Only by invitation"}' });
    const email = 'refused-up@example.com';

    expect(faultOf(await signUp(email))).toEqual({ code: 'FORBIDDEN', message: 'Only by invitation' });
    expect(await harness.sql(`select 1 from account where email = '${email}'`)).toEqual([]);
    expect(
      await harness.sql(`select 1 from audit_entry where action = 'account.created' and outcome = 'denied'
        and details ->> 'method' = 'hook'`),
    ).toHaveLength(1);
  });

  test('a sign-up by an identity provider is asked too, once, and refuses it like any other', async () => {
    const email = 'federated@idp.example';
    answers.set('/before-up', { status: 200, body: '{"allow":false,"message":"Only by invitation"}' });

    expect(faultOf(await comeByProvider(email))).toEqual({ code: 'FORBIDDEN', message: 'Only by invitation' });
    expect(await harness.sql(`select 1 from account where email = '${email}'`)).toEqual([]);
    expect(await harness.sql(`select 1 from external_identity where email = '${email}'`)).toEqual([]);

    answers.delete('/before-up');
    const first = await comeByProvider(email);
    const again = await comeByProvider(email);

    const { user } = first.data.completeOidcSignIn;
    expect(again.data.completeOidcSignIn.user).toEqual(user);
    expect(of('/before-up', email)).toMatchObject([
      { type: 'signUp.before', data: { provider: 'acme', displayName: expect.any(String) } },
      { type: 'signUp.before' },
    ]);
    expect(of('/before-in', email)).toHaveLength(2);
  }, 60_000);

  test('a sign-in refuses it: there is no session, no news of one, and a line in the log', async () => {
    const email = 'refused-in@example.com';
    const { data } = await signUp(email);
    const { id } = data.signUp.user;
    answers.set('/before-in', { status: 200, body: '{"allow":false}' });

    expect(faultOf(await signIn(email))).toEqual({ code: 'FORBIDDEN', message: 'This is not allowed' });

    expect(await harness.sql(`select 1 from session where user_id = '${id}'`)).toHaveLength(1);
    expect(
      await harness.sql(`select details from audit_entry where subject_id = '${id}' and outcome = 'denied'`),
    ).toEqual([{ details: { method: 'hook' } }]);
  });

  test.each([
    ['does not answer in time', 'nothing' as const],
    ['fails', { status: 500 }],
    ['answers what nobody understands', { status: 200, body: 'yes' }],
  ])(
    'that %s lets nobody in, unless it is set so',
    async (what, answer) => {
      const email = `${what.replaceAll(' ', '-')}@example.com`;
      await signUp(email);
      answers.set('/before-in', answer);

      expect(faultOf(await signIn(email))).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE' });
    },
    30_000,
  );

  test('that may stay silent keeps nobody out', async () => {
    const email = 'let-in@example.com';
    await signUp(email);
    answers.set('/before-in', { status: 500 });
    const lenient = await harness.startAnotherInstance({
      HOOK_BEFORE_SIGN_IN_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/before-in`,
      // As while one takes the place of the other: whoever knows either of them is content.
      HOOK_SECRET: `${createWebhookSecret()},${secret}`,
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      HOOK_UNANSWERED: 'allow',
    });
    const { sendSigned } = await import('../../support/subgraph-harness.js');

    const answer = await sendSigned(
      { subgraph: 'auth', url: `${lenient.url}/graphql` },
      anonymous,
      'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }',
      { input: { email, password } },
    );

    expect(answer.data).toEqual({ signIn: { __typename: 'SignedIn' } });
    await lenient.stop();
  }, 120_000);

  test('without a secret keeps the service from starting', async () => {
    await expect(
      harness.startAnotherInstance({ HOOK_AFTER_SIGN_UP_URL: 'https://hooks.example.com', HOOK_SECRET: '' }),
    ).rejects.toThrow(/HOOK_SECRET/);
  });
});

describe('a hook after', () => {
  test('is told of sign-ups and sign-ins, again until it takes them, under one id', async () => {
    const email = 'told@example.com';
    answers.set('/after-up', { status: 503 });
    const { data } = await signUp(email);
    await eventually(() => of('/after-up', email).length > 0, 30_000);
    answers.delete('/after-up');
    const before = of('/after-up', email).length;
    await eventually(() => of('/after-up', email).length > before, 60_000);
    await signIn(email);
    await eventually(() => of('/after-in', email).length > 0, 60_000);

    const told = of('/after-up', email);
    expect(told[0]).toMatchObject({ type: 'signUp.after', data: { userId: data.signUp.user.id } });
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(of('/after-in', email)).toMatchObject([{ type: 'signIn.after', data: { methods: ['pwd'] } }]);
    expect(of('/after-in', 'refused-in@example.com')).toEqual([]);
  }, 180_000);
});
