import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { authGatewayConfig, startAuthGateway, type AuthGateway } from '../../support/auth-gateway.js';
import { password, startAuthHarness, type AuthHarness, type SignedUp } from '../../support/auth-harness.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startSmtpServer, type CaughtMail, type CatchingSmtpServer } from '../../support/smtp-server.js';

const leftovers = createLeftovers();
const placeHeaders = { CLIENT_COUNTRY_HEADER: 'CF-IPCountry', CLIENT_CITY_HEADER: 'X-Geo-City' };
let smtp: CatchingSmtpServer;
let harness: AuthHarness;
/** Behind a proxy on this machine, as which the test comes. */
let behindProxy: AuthGateway;
/** Behind a proxy elsewhere. */
let elsewhere: AuthGateway;

beforeAll(async () => {
  smtp = await startSmtpServer();
  leftovers.defer('smtp', () => smtp.stop());
  harness = await startAuthHarness({
    MAIL_URL: smtp.url,
    SUPER_ADMIN_EMAILS: 'root@example.com',
    EMAIL_VERIFICATION: 'off',
  });
  leftovers.defer('harness', () => harness.stop());
  behindProxy = await startAuthGateway(harness, { ...placeHeaders, TRUSTED_PROXIES: 'loopback' });
  leftovers.defer('gateway', () => behindProxy.stop());
  elsewhere = await startAuthGateway(harness, { ...placeHeaders, TRUSTED_PROXIES: '10.0.0.0/8' });
  leftovers.defer('other gateway', () => elsewhere.stop());
}, 180_000);

afterAll(() => leftovers.close());

const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';
const fromBern = { 'user-agent': chrome, 'x-forwarded-for': '203.0.113.9', 'cf-ipcountry': 'CH', 'x-geo-city': 'Bern' };
const fromRome = { ...fromBern, 'x-forwarded-for': '198.51.100.7', 'cf-ipcountry': 'IT', 'x-geo-city': 'Rome' };

async function post(origin: string, query: string, headers: Record<string, string>, variables: object = {}) {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: { signIn: SignedInAnswer }; errors?: unknown };
  expect(errors).toBeUndefined();
  return data;
}

interface SignedInAnswer {
  readonly user: { readonly sessions: readonly { readonly ipAddress: string; readonly place: object | null }[] };
}

const signInMutation = `mutation ($input: SignInInput!) { signIn(input: $input) {
  ... on SignedIn { user { sessions { ipAddress place { country city } } } tokens { accessToken } } } }`;

/** Signs in, and answers the session of it: the one that was used last. */
async function signIn({ email }: SignedUp, headers: Record<string, string>, { origin } = behindProxy) {
  const { signIn: signedIn } = await post(origin, signInMutation, headers, { input: { email, password } });
  return signedIn.user.sessions[0];
}

const newDevice = /New sign-in|新的登录/;
const toldOf = (email: string, subject = newDevice) =>
  smtp.mails.filter((mail) => mail.recipients.includes(email) && subject.test(mail.subject));
const nextTo = ({ email }: SignedUp, subject = newDevice, contains = ''): Promise<CaughtMail> =>
  smtp.nextMail(
    (mail) => mail.recipients.includes(email) && subject.test(mail.subject) && mail.text.includes(contains),
  );

describe('the place of a sign-in', () => {
  test('is what a trusted proxy says: in the sessions and in the audit log', async () => {
    const person = await harness.signUp('from-bern');

    const session = await signIn(person, fromBern);

    expect(session).toEqual({ ipAddress: '203.0.113.9', place: { country: 'CH', city: 'Bern' } });
    const [entry] = await harness.sql(
      `select client_address, client_country, client_city from audit_entry
       where action = 'session.opened' and actor_id = '${person.userId}'`,
    );
    expect(entry).toEqual({ client_address: '203.0.113.9', client_country: 'CH', client_city: 'Bern' });
    const root = await harness.signUp('root');
    const query = `{ auditLog(filter: { actorId: "${person.userId}", action: "session.opened" }) {
      nodes { clientAddress clientPlace { country city } } } }`;
    const { data } = await harness.request(root.principal, query);
    expect(data.auditLog.nodes).toEqual([
      { clientAddress: '203.0.113.9', clientPlace: { country: 'CH', city: 'Bern' } },
    ]);
  });

  test('is not what anybody else says, in whatever way', async () => {
    const person = await harness.signUp('liar');

    const byHttp = await signIn(person, fromRome, elsewhere);
    class Liar extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, { headers: fromRome });
      }
    }
    const client = createClient({
      url: `${elsewhere.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: Liar,
      connectionParams: { ...fromRome, ':client-place': 'Rome', clientPlace: { country: 'IT' } },
      retryAttempts: 0,
    });
    const answers = client.iterate<{ signIn: SignedInAnswer }>({
      query: signInMutation,
      variables: { input: { email: person.email, password } },
    });
    const { value } = await answers.next();
    await client.dispose();

    expect(byHttp).toEqual({ ipAddress: '127.0.0.1', place: null });
    expect(value?.data?.signIn.user.sessions[0]).toEqual({ ipAddress: '127.0.0.1', place: null });
  });

  test('is set with proxies that write it, and is never handed on as it came', () => {
    const configOf = (environment: Record<string, string>) => () => authGatewayConfig(harness, environment);

    expect(configOf(placeHeaders)).toThrow(/TRUSTED_PROXIES/);
    const trusted = { ...placeHeaders, TRUSTED_PROXIES: 'loopback' };
    expect(configOf({ ...trusted, FORWARD_HEADERS: 'cf-ipcountry' })).toThrow(/CLIENT_COUNTRY_HEADER/);
    expect(configOf({ ...trusted, CLIENT_CITY_HEADER: 'no header' })).toThrow(/CLIENT_CITY_HEADER/);
  });
});

describe('a sign-in from a device that is new', () => {
  test('is told to the person by mail, and none that is known, nor the first one ever', async () => {
    const person = await harness.signUp('travels');
    await harness.sql(
      `delete from session where user_id = '${person.userId}'`,
      `update account set first_signed_in_at = null where id = '${person.userId}'`,
    );

    await signIn(person, fromBern);
    await signIn(person, { ...fromBern, 'user-agent': chrome.replace('142.0.0.0', '143.0.7.1') });
    await signIn(person, { ...fromBern, 'x-forwarded-for': '203.0.7.1' });
    await signIn(person, fromRome);
    const mail = await nextTo(person);

    expect(mail.text).toMatch(/Time: \d{4}-\d\d-\d\d \d\d:\d\d UTC\nDevice: Chrome, Windows\n/);
    expect(mail.text).toContain('Place, by the address: Rome, IT\nAddress: 198.51.100.7');
    expect(mail.html).toContain('<li>Place, by the address: Rome, IT</li>');
    await signIn(person, { ...fromRome, 'user-agent': 'curl/8.5.0' });
    const other = await smtp.nextMail(
      ({ recipients, text }) => recipients.includes(person.email) && !text.includes('Device:'),
    );
    expect(other.text).toContain('Rome, IT');
    expect(toldOf(person.email)).toHaveLength(2);
    const marked = await harness.sql(
      `select 1 from audit_entry where actor_id = '${person.userId}' and details ->> 'isNewDevice' = 'true'`,
    );
    expect(marked).toHaveLength(2);
  });

  test('is told of although the person has not been here for so long that no session is remembered', async () => {
    const person = await harness.signUp('dormant');
    await harness.sql(`delete from session where user_id = '${person.userId}'`);

    await signIn(person, fromBern);

    expect((await nextTo(person)).text).toContain('Bern, CH');
  });

  test('is told of in Chinese to who reads that, and nothing that a client writes gets into the mail', async () => {
    const person = await harness.signUp('reads-chinese');
    await harness.sql(`update account set locale = 'zh-CN' where id = '${person.userId}'`);

    await signIn(person, { ...fromBern, 'user-agent': 'Call +1 555 0100 or lose your account' });

    const { subject, text, html } = await nextTo(person);
    expect(subject).toBe('您的账号有新的登录');
    expect(text).toContain('地点（按地址推测）: Bern, CH');
    expect(`${text}${html}`).not.toContain('555');
  });

  test('is not told where it fails, nor where it comes again', async () => {
    const person = await harness.signUp('twice');
    const input = { email: person.email, password: 'not the password' };
    await fetch(`${behindProxy.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...fromRome },
      body: JSON.stringify({ query: signInMutation, variables: { input } }),
    });

    await signIn(person, fromBern);
    await nextTo(person);
    await signIn(person, fromBern);
    await signIn(person, fromRome);
    await nextTo(person, newDevice, 'Rome');

    expect(toldOf(person.email)).toHaveLength(2);
  });
});

test('who is impersonated is told by mail: by the platform, why, and until when', async () => {
  const email = 'root@example.com';
  const { data } = await harness.request(
    { kind: 'anonymous', roles: [], scopes: [] },
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken } } } }',
    { input: { email, password } },
  );
  const person = await harness.signUp('impersonated');
  const input = { userId: person.userId, reason: 'Ticket 4711: <b>empty</b> list', minutes: 10 };

  await post(
    behindProxy.origin,
    'mutation ($input: ImpersonateInput!) { impersonate(input: $input) { impersonation { sessionId } } }',
    { authorization: `Bearer ${data.signIn.tokens.accessToken}`, ...fromBern },
    { input },
  );

  const mail = await nextTo(person, /acts in your name/);
  expect(mail.text).toMatch(
    /Reason given: Ticket 4711: <b>empty<\/b> list\nSince: [\d: -]+ UTC\nUntil, at the latest: [\d: -]+ UTC/,
  );
  expect(mail.html).toContain('Ticket 4711: &lt;b&gt;empty');
  expect(toldOf(person.email)).toEqual([]);
});
