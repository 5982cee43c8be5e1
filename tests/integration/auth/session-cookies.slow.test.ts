import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { quietLogger } from '../../support/leftovers.js';
import { principalSecret } from '../../support/subgraph-harness.js';

const page = 'https://app.example.com';

let harness: AuthHarness;
let gateway: Gateway;
let origin: string;

const configOf = (environment: Readonly<Record<string, string>>) =>
  loadGatewayConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DRAIN_DELAY_MS: '0',
    RATE_LIMITS: 'none',
    JWKS_URL: `${harness.url}/.well-known/jwks.json`,
    API_KEYS_URL: harness.url,
    PRINCIPAL_SECRET: principalSecret,
    SUBGRAPH_URLS: `auth=${harness.url}/graphql`,
    SESSION_COOKIE_ORIGINS: page,
    FORWARD_HEADERS: 'cookie',
    MAX_BATCH_SIZE: '2',
    ...environment,
  });

beforeAll(async () => {
  harness = await startAuthHarness();
  const supergraphSdl = await readFile('schema/supergraph.graphql', 'utf8');
  gateway = await createGateway({
    config: configOf({}),
    supergraphSdl,
    logger: quietLogger(),
    adapters: { pubSub: harness.pubSub },
  });
  origin = `http://127.0.0.1:${gateway.port}`;
}, 180_000);

afterAll(async () => {
  await gateway.stop();
  await harness.stop();
});

/** A browser, as far as cookies go, with a page of an origin in it. */
class Browser {
  readonly jar = new Map<string, string>();
  lastSetCookies: readonly string[] = [];

  constructor(readonly pageOrigin = page) {}

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async fetch(path: string, init: RequestInit = {}, mode: Record<string, string> = { 'x-session-mode': 'cookie' }) {
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      ...init,
      headers: { origin: this.pageOrigin, cookie: this.cookie, ...mode, ...(init.headers as Record<string, string>) },
    });
    this.lastSetCookies = response.headers.getSetCookie();
    for (const line of this.lastSetCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return response;
  }

  async ask(query: string, variables: object = {}, mode?: Record<string, string>) {
    const response = await this.fetch(
      '/graphql',
      { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) },
      mode,
    );
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
    const { data, errors } = (await response.json()) as any;
    return { status: response.status, headers: response.headers, data, code: errors?.[0]?.extensions?.code };
  }

  refresh = () => this.fetch('/session/refresh');
}

const signInMutation = `mutation ($input: SignInInput!) { signIn(input: $input) {
  ... on SignedIn { user { id email } tokens { accessToken refreshToken expiresIn } } } }`;

/** Somebody who has signed in with a browser. */
async function signedIn(name: string, browser = new Browser()) {
  const person = await harness.signUp(name);
  const answer = await browser.ask(signInMutation, { input: { email: person.email, password } });
  return { person, browser, answer };
}

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
    const browser = new Browser();
    const signUp =
      'mutation ($i: SignUpInput!) { signUp(input: $i) { user { id } tokens { accessToken refreshToken } } }';
    const input = { email: 'new-page@example.com', password, displayName: 'New' };
    const up = await browser.ask(signUp, { i: input });
    const tenantId = '01890000-0000-7000-8000-000000000001';
    harness.tenants.setRole(tenantId, up.data.signUp.user.id, 'USER');
    const before = browser.cookie;

    const switched = await browser.ask(
      `mutation { switchTenant(tenantId: "${tenantId}") { accessToken refreshToken } }`,
    );
    const { data } = await browser.ask('{ me { sessions { tenantId } } }');
    const after = browser.cookie;
    const out = await browser.ask('mutation { signOut }');

    expect(up.data.signUp.tokens).toEqual({ accessToken: '', refreshToken: '' });
    expect(switched.data.switchTenant).toEqual({ accessToken: '', refreshToken: '' });
    expect(after).not.toBe(before);
    expect(data.me.sessions).toEqual([{ tenantId }]);
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

describe('cookies', () => {
  test.each([
    ['of a page of another origin', { origin: 'https://evil.example.com' }],
    ['of a page of no origin', { origin: 'null' }],
  ])('%s are refused', async (_what, { origin: pageOrigin }) => {
    const { browser } = await signedIn(`victim-${pageOrigin.length}`);
    const forged = new Browser(pageOrigin);
    for (const [name, value] of browser.jar) forged.jar.set(name, value);

    expect(await forged.ask('mutation { signOut }')).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect((await forged.refresh()).status).toBe(403);
    expect((await browser.ask(me)).data.me).not.toBeNull();
  });

  test('that a form or an image sends along, without the header, count for nothing', async () => {
    const { browser } = await signedIn('formed');
    const bare = {};

    const answer = await browser.ask(me, {}, bare);
    const read = await browser.fetch(
      `/graphql?query=${encodeURIComponent(me)}`,
      {
        method: 'GET',
        headers: { 'apollo-require-preflight': 'true' },
      },
      bare,
    );
    const form = await browser.fetch(
      '/graphql',
      { headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ query: 'mutation { signOut }' }) },
      bare,
    );
    const refresh = await browser.fetch('/session/refresh', {}, bare);

    expect(answer.data).toEqual({ me: null });
    expect(await read.json()).toEqual({ data: { me: null } });
    expect(form.status).toBe(415);
    expect(refresh.status).toBe(400);
    expect(refresh.headers.getSetCookie()).toEqual([]);
    expect((await browser.ask(me)).data.me).not.toBeNull();
  });

  test('are not mixed with a bearer token, which goes on as ever', async () => {
    const { person, browser } = await signedIn('mixed');
    const authorization = `Bearer ${person.tokens.accessToken}`;

    expect(await browser.ask(me, {}, { 'x-session-mode': 'cookie', authorization })).toMatchObject({ status: 400 });
    expect(await browser.ask(me, {}, { 'x-session-mode': 'bearer' })).toMatchObject({ status: 400 });
    expect((await new Browser().ask(me, {}, { authorization })).data).toEqual({ me: { id: person.userId } });
    const bearer = await new Browser().ask(signInMutation, { input: { email: person.email, password } }, {});
    expect(bearer.data.signIn.tokens.accessToken).not.toBe('');
    expect(bearer.headers.getSetCookie()).toEqual([]);
  });

  test('may be asked for by a page of an allowed origin after a preflight, and by no other', async () => {
    const preflight = (from: string, path: string) =>
      fetch(`${origin}${path}`, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'x-session-mode',
        },
      });

    for (const path of ['/graphql', '/session/refresh']) {
      const allowed = await preflight(page, path);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(page);
      expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
      expect(allowed.headers.get('access-control-allow-headers')).toBe('x-session-mode');
      expect((await preflight('https://evil.example.com', path)).status).toBe(403);
    }
  });

  test('are settings of a gateway that knows tokens, and of origins that are not everybody', () => {
    expect(() => configOf({ SESSION_COOKIE_ORIGINS: '*' })).toThrow(/SESSION_COOKIE_ORIGINS/);
    expect(() => configOf({ CORS_ORIGINS: '*' })).toThrow(/SESSION_COOKIE_ORIGINS/);
    expect(() => loadGatewayConfig({ SESSION_COOKIE_ORIGINS: page })).toThrow(/SESSION_COOKIE_ORIGINS/);
    expect(loadGatewayConfig({})).toMatchObject({ SESSION_COOKIE_ORIGINS: [], CORS_CREDENTIALS: false });
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
      url: `${origin.replace('http', 'ws')}/graphql`,
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
