import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startAuthGateway, type AuthGateway } from '../../support/auth-gateway.js';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { CookieClient, pageOfCookies as page, signInByPage } from '../../support/cookie-client.js';
import { eventually } from '../../support/eventually.js';

let harness: AuthHarness;
let gateway: AuthGateway;

const environment = { SESSION_COOKIE_ORIGINS: page, FORWARD_HEADERS: 'cookie', MAX_BATCH_SIZE: '2' };

beforeAll(async () => {
  harness = await startAuthHarness();
  gateway = await startAuthGateway(harness, environment);
}, 180_000);

afterAll(async () => {
  await gateway.stop();
  await harness.stop();
});

const aBrowser = (pageOrigin = page): CookieClient => new CookieClient(gateway.origin, pageOrigin);
const signedIn = (name: string) => signInByPage(harness, name, aBrowser());
const me = '{ me { id } }';
const names = ['__Host-tessera-access', '__Host-tessera-refresh'];

describe('a page that asks for cookies', () => {
  test('gets its tokens in cookies that no script and no other site can use, and not in the answer', async () => {
    const { person, browser, answer } = await signedIn('page');

    expect(answer.data.signIn).toEqual({
      user: { id: person.userId, email: person.email },
      tokens: { accessToken: '', refreshToken: '', expiresIn: 1_800 },
    });
    expect(browser.lastSetCookies).toHaveLength(2);
    for (const line of browser.lastSetCookies) {
      expect(line).toMatch(
        /^__Host-tessera-(access|refresh)=[^;]+; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
      );
    }
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect((await browser.ask(me)).data).toEqual({ me: { id: person.userId } });
  });

  test('signs up into cookies too, switches tenants in them, and signs out of them', async () => {
    const browser = aBrowser();
    const signUp =
      'mutation ($i: SignUpInput!) { signUp(input: $i) { user { id } tokens { accessToken refreshToken } } }';
    const input = { email: 'new-page@example.com', password, displayName: 'New' };
    const up = await browser.ask(signUp, { i: input });
    const tenantId = '01890000-0000-7000-8000-000000000001';
    harness.tenants.setRole(tenantId, up.data.signUp?.user.id ?? '', 'USER');
    const before = browser.cookie;

    const switched = await browser.ask(
      `mutation { switchTenant(tenantId: "${tenantId}") { accessToken refreshToken } }`,
    );
    const { data } = await browser.ask('{ me { sessions { tenantId } } }');
    const after = browser.cookie;
    const out = await browser.ask('mutation { signOut }');

    expect(up.data.signUp?.tokens).toEqual({ accessToken: '', refreshToken: '' });
    expect(switched.data.switchTenant).toEqual({ accessToken: '', refreshToken: '' });
    expect(after).not.toBe(before);
    expect(data.me?.sessions).toEqual([{ tenantId }]);
    expect(out.data).toEqual({ signOut: true });
    expect(browser.jar.size).toBe(0);
    expect((await browser.ask(me)).data).toEqual({ me: null });
  });

  test('refreshes by its cookie, and is told to sign in when that is over', async () => {
    const { person, browser } = await signedIn('refreshing');
    const [first] = [browser.cookie];

    const response = await browser.refresh();

    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 200,
      body: { expiresIn: 1_800 },
    });
    expect(browser.cookie).not.toBe(first);
    expect([...browser.jar.keys()].sort()).toEqual(names);
    expect((await browser.ask(me)).data).toEqual({ me: { id: person.userId } });

    await harness.sql(`update session set revoked_at = now() where user_id = '${person.userId}'`);
    const refused = await browser.refresh();
    expect(refused.status).toBe(401);
    expect(browser.jar.size).toBe(0);
    expect((await browser.refresh()).status).toBe(401);
  });

  test('whose session has ended is refused, and not taken for nobody', async () => {
    const { person, browser } = await signedIn('ended');
    await harness.request(person.principal, 'mutation { signOut(everywhere: true) }');

    await eventually(async () => (await browser.ask(me)).code === 'UNAUTHENTICATED');
  });

  test('has its events by stream and its answers by batch as who it is', async () => {
    const { person, browser } = await signedIn('streaming');
    const body = JSON.stringify({ query: me });
    const json = { 'content-type': 'application/json' };

    const events = await browser.fetch('/graphql', { headers: { ...json, accept: 'text/event-stream' }, body });
    const batch = await browser.fetch('/graphql', { headers: json, body: `[${body},${body}]` });
    const read = await browser.fetch(`/graphql?query=${encodeURIComponent(me)}`, { method: 'GET' });

    expect(await events.text()).toContain(person.userId);
    expect(await batch.json()).toEqual(Array(2).fill({ data: { me: { id: person.userId } } }));
    expect(await read.json()).toEqual({ data: { me: { id: person.userId } } });
  });
});

describe('a socket', () => {
  /** Who a socket is, as an operation on it says; the tokens that switching on it brings. */
  async function onSocket(headers: Record<string, string>, query: string) {
    class PageSocket extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, { headers });
      }
    }
    const client = createClient({
      url: `${gateway.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: PageSocket,
      retryAttempts: 0,
    });
    try {
      for await (const { data } of client.iterate({ query })) return data;
      return undefined;
    } finally {
      await client.dispose();
    }
  }

  test('of a page of an allowed origin is opened by the cookie', async () => {
    const { person, browser } = await signedIn('socket');

    expect(await onSocket({ origin: page, cookie: browser.cookie }, me)).toEqual({ me: { id: person.userId } });
    expect(await onSocket({ cookie: browser.cookie }, me)).toEqual({ me: null });
    await expect(onSocket({ origin: 'https://evil.example.com', cookie: browser.cookie }, me)).rejects.toBeDefined();
  });

  test('brings no tokens to a page whose tokens are in cookies', async () => {
    const { person, browser } = await signedIn('socket-switch');
    const tenantId = '01890000-0000-7000-8000-000000000002';
    harness.tenants.setRole(tenantId, person.userId, 'USER');

    const data = await onSocket(
      { origin: page, cookie: browser.cookie },
      `mutation { switchTenant(tenantId: "${tenantId}") { accessToken refreshToken } }`,
    );

    expect(data).toEqual({ switchTenant: { accessToken: '', refreshToken: '' } });
  });
});
