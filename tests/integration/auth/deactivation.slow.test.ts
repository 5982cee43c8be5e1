import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@tessera/service/identity';
import { startRunningGateway, type RunningGateway } from '../../gateway/support/running-gateway.js';
import { password, startAuthHarness, type AuthHarness, type SignedUp } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, aUser, principalSecret, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { aProtectedPerson } from './protected-person.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;
let gateway: RunningGateway;
let admin: SignedUp;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({
    MAIL_URL: smtp.url,
    SUPER_ADMIN_EMAILS: 'root@example.com,other-root@example.com',
    EMAIL_VERIFICATION: 'off',
  });
  gateway = await startRunningGateway({
    environment: {
      JWKS_URL: `${harness.url}/.well-known/jwks.json`,
      API_KEYS_URL: harness.url,
      PRINCIPAL_SECRET: principalSecret,
      RATE_LIMITS: 'none',
    },
    adapters: { pubSub: harness.pubSub },
  });
  admin = await harness.signUp('root');
}, 90_000);

afterAll(async () => {
  await gateway.close();
  await harness.stop();
  await smtp.stop();
});

const errorOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions;
const lockedOut = { code: 'FORBIDDEN', details: { reason: 'ACCOUNT_DEACTIVATED' } };

const change = (verb: 'deactivate' | 'reactivate', userId: string, as: Principal = admin.principal) =>
  harness.request(
    as,
    `mutation ($input: AccountStatusInput!) { ${verb}Account(input: $input) { status email deactivatedAt userId } }`,
    { input: { userId, reason: 'abuse, ticket 7' } },
  );

const signIn = (email: string, typed = password) =>
  harness.request(
    anonymous,
    'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on MfaRequired { challengeId } } }',
    { input: { email, password: typed } },
  );

const whoAmI = async (token: string): Promise<string | undefined> => {
  const { body } = await gateway.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${token}` });
  const code = body.errors?.[0]?.extensions?.['code'];
  return code === undefined ? undefined : String(code);
};

describe('an account that is deactivated', () => {
  test('loses its sessions at once, and nothing continues one', async () => {
    const { userId, tokens, principal } = await harness.signUp('gone');
    expect(await whoAmI(tokens.accessToken)).toBeUndefined();

    const { data } = await change('deactivate', userId);

    expect(data.deactivateAccount).toMatchObject({
      status: 'DEACTIVATED',
      email: 'gone@example.com',
      userId,
    });
    await eventually(async () => (await whoAmI(tokens.accessToken)) === 'UNAUTHENTICATED', 20_000);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    const tenantId = randomUUID();
    harness.tenants.setRole(tenantId, userId, 'USER');
    await expect(harness.switchTenant(principal, tenantId)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('is told so to who knows the password, and to others it is like any account', async () => {
    const { userId, email } = await harness.signUp('told');
    await change('deactivate', userId);

    const [right, wrong, unknown] = [
      await signIn(email),
      await signIn(email, 'wrong'),
      await signIn('x@example.com', 'wrong'),
    ];

    expect(errorOf(right)).toMatchObject(lockedOut);
    expect(wrong.errors?.[0]?.message).toBe(unknown.errors?.[0]?.message);
    expect(errorOf(wrong)?.code).toBe('UNAUTHENTICATED');
    const logged = await harness.sql(
      `select outcome, details from audit_entry where subject_id = '${userId}' and action = 'session.opened' order by id`,
    );
    expect(logged).toEqual([
      { outcome: 'denied', details: { method: 'pwd', reason: 'ACCOUNT_DEACTIVATED' } },
      { outcome: 'denied', details: { method: 'pwd' } },
    ]);
  });

  test('is let in neither by a mailed code, nor by a second factor, nor by a new password, nor by who impersonates', async () => {
    const person = await aProtectedPerson(harness, 'factors');
    const { userId, email } = person;
    const challenged = await signIn(email);
    const asked = await harness.request(
      anonymous,
      'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }',
      { input: { email } },
    );
    const mail = await smtp.nextMail(
      ({ recipients, subject }) => recipients.includes(email) && /code to sign in/.test(subject),
    );
    await change('deactivate', userId);

    const verified = await harness.request(
      anonymous,
      'mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { user { id } } }',
      { input: { challengeId: challenged.data.signIn.challengeId, code: person.code(1) } },
    );
    const coded = await harness.request(
      anonymous,
      'mutation ($input: SignInWithCodeInput!) { signInWithCode(input: $input) { __typename } }',
      { input: { ...asked.data.requestSignInCode, code: /Code: (\d{6})/.exec(mail.text)?.[1] ?? '' } },
    );
    const impersonated = await harness.request(
      admin.principal,
      'mutation ($input: ImpersonateInput!) { impersonate(input: $input) { tokens { accessToken } } }',
      { input: { userId, reason: 'to have a look', minutes: 5 } },
    );

    for (const answer of [verified, coded, impersonated, await signIn(email)])
      expect(errorOf(answer)).toMatchObject(lockedOut);
    const alive = await harness.sql(`select 1 from session where user_id = '${userId}' and revoked_at is null`);
    expect(alive).toEqual([]);
  });

  test('has no session left that was being opened meanwhile', async () => {
    const person = await harness.signUp('racing');

    const attempts = Array.from({ length: 12 }, () => signIn(person.email));
    const deactivated = await change('deactivate', person.userId);
    const answers = await Promise.all(attempts);

    expect(deactivated.data.deactivateAccount.status).toBe('DEACTIVATED');
    for (const answer of answers) {
      if (answer.errors !== undefined) expect(errorOf(answer)?.code).toMatch(/FORBIDDEN|RATE_LIMITED|OVERLOADED/);
    }
    const alive = await harness.sql(`select 1 from session where user_id = '${person.userId}' and revoked_at is null`);
    expect(alive).toEqual([]);
  });

  test('takes the API keys and machine clients that its person made with it, and gives them back', async () => {
    const { userId, principal } = await harness.signUp('maker');
    const maker = {
      ...aUser({ userId, tenantId: randomUUID(), role: 'TENANT_ADMIN' }),
      sessionId: principal.sessionId,
    };
    const made = await harness.request(
      maker,
      `mutation { createApiKey(input: { name: "k", scopes: ["files:read"] }) { apiKey { id } token }
        createMachineClient(input: { name: "c", scopes: ["files:read"] }) { client { id } secret } }`,
    );
    const { createApiKey, createMachineClient } = made.data;
    const fetchToken = () =>
      fetch(`${gateway.origin}/oauth/token`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from(`${createMachineClient.client.id}:${createMachineClient.secret}`).toString('base64')}`,
        },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      });
    const { access_token: clientToken } = (await (await fetchToken()).json()) as { access_token: string };
    expect([await whoAmI(createApiKey.token), await whoAmI(clientToken)]).toEqual([undefined, undefined]);

    const { renewed } = await harness.announcedDuring(() => change('deactivate', userId));

    expect(renewed.toSorted()).toEqual([createApiKey.apiKey.id, createMachineClient.client.id].toSorted());
    for (const token of [createApiKey.token, clientToken]) {
      await eventually(async () => (await whoAmI(token)) === 'UNAUTHENTICATED', 20_000);
    }
    expect((await fetchToken()).status).toBe(401);

    await change('reactivate', userId);

    expect((await fetchToken()).status).toBe(200);
    // That a key is none is believed for five seconds.
    await eventually(async () => (await whoAmI(createApiKey.token)) === undefined, 20_000);
  }, 60_000);

  test('can be signed in to again once it is reactivated, and its person is mailed both times', async () => {
    const { userId, email } = await harness.signUp('back');
    await change('deactivate', userId);
    await change('deactivate', userId);

    const { data } = await change('reactivate', userId);

    expect(data.reactivateAccount).toMatchObject({ status: 'ACTIVE', deactivatedAt: null });
    expect((await signIn(email)).data.signIn.__typename).toBe('SignedIn');
    for (const subject of [/account is deactivated/, /active again/]) {
      await smtp.nextMail((mail) => mail.recipients.includes(email) && subject.test(mail.subject));
    }
    const logged = await harness.sql(
      `select action, details->>'reason' as reason from audit_entry where subject_id = '${userId}' and target_type = 'User' order by id`,
    );
    expect(logged).toEqual([
      { action: 'account.deactivated', reason: 'abuse, ticket 7' },
      { action: 'account.reactivated', reason: 'abuse, ticket 7' },
    ]);
  });
});

describe('who runs the platform', () => {
  test('finds accounts by address and status, and nobody else does', async () => {
    const { userId, email, principal } = await harness.signUp('sought');
    await change('deactivate', userId);
    const query = `query ($email: String) { accounts(email: $email, status: DEACTIVATED) { totalCount nodes { email status userId } } }`;

    const found = await harness.request(admin.principal, query, { email: email.toUpperCase() });
    const other = await harness.request(admin.principal, query, { email: admin.email });
    const refused = await harness.request(principal, query, { email });

    expect(found.data.accounts).toEqual({
      totalCount: 1,
      nodes: [{ email, status: 'DEACTIVATED', userId }],
    });
    expect(other.data.accounts.totalCount).toBe(0);
    expect(errorOf(refused)?.code).toBe('FORBIDDEN');
  });

  test('is not locked out by another who does, and an account that is none is not found', async () => {
    const other = await harness.signUp('other-root');
    const { principal } = await harness.signUp('nobody');

    const codes = [
      errorOf(await change('deactivate', other.userId))?.code,
      errorOf(await change('deactivate', randomUUID()))?.code,
      errorOf(await change('deactivate', other.userId, principal))?.code,
      errorOf(await change('deactivate', other.userId, anonymous))?.code,
    ];

    expect(codes).toEqual(['PRECONDITION_FAILED', 'NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED']);
  });
});
