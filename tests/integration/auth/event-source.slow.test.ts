import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAuthGateway, type AuthGateway } from '../../support/auth-gateway.js';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { CookieClient, pageOfCookies as page, signInByPage } from '../../support/cookie-client.js';

let harness: AuthHarness;
let gateway: AuthGateway;
let person: { readonly userId: string };
let browser: CookieClient;

const me = '{ me { id } }';
const notifications = 'subscription { notifications { id } }';
const events = 'text/event-stream';

beforeAll(async () => {
  harness = await startAuthHarness();
  gateway = await startAuthGateway(harness, { SESSION_COOKIE_ORIGINS: page });
  ({ person, browser } = await signInByPage(harness, 'event-source', new CookieClient(gateway.origin)));
}, 180_000);

afterAll(async () => {
  await gateway.stop();
  await harness.stop();
});

/** What browsers send for an `EventSource` of a page of another origin of the same site, or of the same origin. */
const ofAnotherOrigin = { origin: page, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' };
const ofSameOrigin = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };

const open = (query: string, headers: Record<string, string>, signal?: AbortSignal) =>
  fetch(`${gateway.origin}/graphql?query=${encodeURIComponent(query)}`, {
    headers: {
      accept: events,
      'cache-control': 'no-cache',
      'sec-fetch-dest': 'empty',
      cookie: browser.cookie,
      ...headers,
    },
    ...(signal && { signal }),
  });

describe('an event source of a page whose tokens are in cookies', () => {
  test.each([
    ['an allowed origin', ofAnotherOrigin],
    ['the gateway’s own origin', ofSameOrigin],
  ])('of %s asks as who it is', async (_where, headers) => {
    expect(await (await open(me, headers)).text()).toContain(person.userId);
  });

  test('subscribes as who it is, and as nobody without the cookie', async () => {
    const leaving = new AbortController();
    const stream = await open(notifications, ofSameOrigin, leaving.signal);
    const beginning = await firstOf(stream);
    leaving.abort();

    expect(stream.headers.get('content-type')).toContain(events);
    expect(beginning).not.toContain('errors');
    const refused = await open(notifications, { ...ofSameOrigin, cookie: '' });
    expect(await refused.text()).toContain('UNAUTHENTICATED');
  });

  test('runs no mutation', async () => {
    const answer = await open('mutation { signOut }', ofSameOrigin);

    expect(answer.status).toBe(405);
    expect((await browser.ask(me)).data.me).toEqual({ id: person.userId });
  });
});

describe('the cookie is nobody’s', () => {
  test.each([
    ['for an event source of another site', { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }],
    ['for one of another site that is told by its origin alone', { origin: 'https://evil.example.com' }],
    ['for one of a page of no origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['for one of another origin that names none', { 'sec-fetch-site': 'same-site' }],
  ])('%s, which is refused', async (_what, headers) => {
    const answer = await open(me, headers);

    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain(person.userId);
  });

  test.each([
    ['which a link opens', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', accept: events }],
    ['for an answer of JSON', { ...ofSameOrigin, accept: 'application/json' }],
    ['for whichever answer there is', { ...ofSameOrigin, accept: `${events}, application/json;q=0.1` }],
    ['of somebody who is no browser', {}],
  ])('for a GET %s', async (_what, headers) => {
    const sent = { 'content-type': 'application/json', ...headers };

    expect(await (await open(me, sent)).text()).not.toContain(person.userId);
  });

  test('for anything but operations, and for anything but GET', async () => {
    const headers = { ...ofSameOrigin, accept: events, cookie: browser.cookie };
    const elsewhere = await fetch(`${gateway.origin}/audit-log/export`, { headers });
    const post = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', origin: page },
      body: JSON.stringify({ query: me }),
    });

    expect(elsewhere.status).toBe(401);
    expect(await post.text()).not.toContain(person.userId);
  });
});

/** The beginning of a stream, as text. */
async function firstOf({ body }: Response): Promise<string> {
  const first = await body?.getReader().read();
  return new TextDecoder().decode(first?.value);
}
