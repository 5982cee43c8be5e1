import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { startAuthGateway } from '../../support/auth-gateway.js';
import { password, startAuthHarness, type AuthHarness, type SignedUp } from '../../support/auth-harness.js';
import { pageOfCookies, signInMutation } from '../../support/cookie-client.js';
import { describeWithProgram } from '../../support/installed.js';
import { createLeftovers } from '../../support/leftovers.js';

/** The script of a page: sends an operation, and answers what it may see of the answer. */
function sendScript(
  url: string,
  query: string,
  { variables = {}, mode = 'cookie' }: { variables?: object; mode?: string } = {},
) {
  const headers = { 'content-type': 'application/json', ...(mode === '' ? {} : { 'x-session-mode': mode }) };
  const request = { method: 'POST', credentials: 'include', headers, body: JSON.stringify({ query, variables }) };
  return `fetch(${JSON.stringify(url)}, ${JSON.stringify(request)})
    .then((response) => response.text(), () => 'the browser let nobody see it')`;
}

/** The script of a page: opens an `EventSource`, and answers its first event, or that there is none. */
function listenScript(url: string, query: string): string {
  const address = `${url}?query=${encodeURIComponent(query)}`;
  return `new Promise((resolve) => {
    const events = new EventSource(${JSON.stringify(address)}, { withCredentials: true });
    const end = (told) => { events.close(); resolve(told); };
    events.addEventListener('next', ({ data }) => end(data));
    events.addEventListener('error', () => end('nothing'));
  })`;
}

const me = '{ me { id } }';

describeWithProgram('chromium', 'cookies in a browser', () => {
  const leftovers = createLeftovers();
  let harness: AuthHarness;
  let person: SignedUp;
  let context: BrowserContext;
  let own: Page;
  let evil: Page;
  let origin: string;

  beforeAll(async () => {
    harness = await startAuthHarness();
    leftovers.defer('harness', () => harness.stop());
    const gateway = await startAuthGateway(harness, { SESSION_COOKIE_ORIGINS: pageOfCookies });
    leftovers.defer('gateway', () => gateway.stop());
    // A name that browsers trust without TLS: cookies of `__Host-` are kept there.
    origin = gateway.origin.replace('127.0.0.1', 'localhost');
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-features=LocalNetworkAccessChecks'],
    });
    leftovers.defer('browser', () => browser.close());
    context = await browser.newContext();
    own = await openPage(`${origin}/app`);
    // To a browser another site, and to the gateway another origin.
    evil = await openPage(`${gateway.origin}/evil`);
    person = await harness.signUp('in-a-browser');
  }, 180_000);

  afterAll(() => leftovers.close());

  async function openPage(address: string): Promise<Page> {
    const page = await context.newPage();
    await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<title>A page</title>' }));
    await page.goto(address);
    return page;
  }

  const ask = (page: Page, query: string, more?: Parameters<typeof sendScript>[2]): Promise<string> =>
    page.evaluate<string>(sendScript(`${origin}/graphql`, query, more));
  const cookieNames = async () => (await context.cookies()).map(({ name }) => name).toSorted();
  const whoIsMe = async (): Promise<unknown> => JSON.parse(await ask(own, me));

  test('keep a page signed in, whose scripts see none of them, and renew it when its access has ended', async () => {
    const variables = { input: { email: person.email, password } };
    const answer = await ask(own, signInMutation, { variables });

    expect(JSON.parse(answer).data.signIn.tokens).toEqual({ accessToken: '', refreshToken: '', expiresIn: 1_800 });
    expect(await cookieNames()).toEqual(['__Host-tessera-access', '__Host-tessera-refresh']);
    expect(await own.evaluate('document.cookie')).toBe('');
    expect(await whoIsMe()).toEqual({ data: { me: { id: person.userId } } });

    // What is left when the access token has ended, and a browser has forgotten it.
    await context.clearCookies({ name: '__Host-tessera-access' });
    expect(await whoIsMe()).toEqual({ data: { me: null } });
    const status = await own.evaluate(
      `fetch('/session/refresh', { method: 'POST', headers: { 'x-session-mode': 'cookie' } }).then(({ status }) => status)`,
    );
    expect(status).toBe(200);
    expect(await whoIsMe()).toEqual({ data: { me: { id: person.userId } } });
  });

  test('have an event source ask as who the page is, and one of another site as nobody', async () => {
    const listen = (page: Page) => page.evaluate<string>(listenScript(`${origin}/graphql`, me));

    expect(JSON.parse(await listen(own))).toEqual({ data: { me: { id: person.userId } } });
    expect(await listen(evil)).toBe('nothing');
  });

  test.each([
    ['a request', () => sendScript(`${origin}/graphql`, 'mutation { signOut }')],
    ['a request without the header', () => sendScript(`${origin}/graphql`, 'mutation { signOut }', { mode: '' })],
    [
      'a renewal',
      () =>
        `fetch('${origin}/session/refresh', { method: 'POST', credentials: 'include', mode: 'no-cors' }).then(() => 'sent')`,
    ],
    [
      'a form of text',
      () => `new Promise((resolve) => {
        const body = '{"query":"mutation { signOut }"}';
        fetch('${origin}/graphql', { method: 'POST', credentials: 'include', mode: 'no-cors', body }).then(() => resolve('sent'));
      })`,
    ],
    [
      'a form with a file',
      () => `(() => {
        const form = new FormData();
        form.append('operations', '{"query":"mutation { signOut }"}');
        form.append('map', '{}');
        return fetch('${origin}/graphql', { method: 'POST', credentials: 'include', mode: 'no-cors', body: form }).then(() => 'sent');
      })()`,
    ],
    [
      'a socket',
      () => `new Promise((resolve) => {
        const socket = new WebSocket('${origin.replace('http', 'ws')}/graphql', 'graphql-transport-ws');
        socket.onopen = () => resolve('opened');
        socket.onerror = () => resolve('refused');
      })`,
    ],
  ])('%s of another site does nothing in their name', async (_what, script) => {
    const before = await harness.sql(`select count(*)::int as spent from refresh_token where spent_at is not null`);

    const seen = await evil.evaluate<string>(script());

    expect(seen).not.toContain(person.userId);
    expect(seen).not.toBe('opened');
    expect(await whoIsMe()).toEqual({ data: { me: { id: person.userId } } });
    expect(await harness.sql(`select count(*)::int as spent from refresh_token where spent_at is not null`)).toEqual(
      before,
    );
  });

  test('are gone when the page signs out', async () => {
    expect(JSON.parse(await ask(own, 'mutation { signOut }'))).toEqual({ data: { signOut: true } });

    expect(await cookieNames()).toEqual([]);
    expect(await whoIsMe()).toEqual({ data: { me: null } });
  });
});
