import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { authGatewayConfig, startAuthGateway, type AuthGateway } from '../../support/auth-gateway.js';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { CookieClient, pageOfCookies as page, signInByPage, signInMutation } from '../../support/cookie-client.js';

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
const configOf = (more: Record<string, string>) => authGatewayConfig(harness, { ...environment, ...more });

describe('cookies', () => {
  test.each([
    ['of a page of another origin', { origin: 'https://evil.example.com' }],
    ['of a page of no origin', { origin: 'null' }],
  ])('%s are refused', async (_what, { origin: pageOrigin }) => {
    const { browser } = await signedIn(`victim-${pageOrigin.length}`);
    const forged = aBrowser(pageOrigin);
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
    expect((await aBrowser().ask(me, {}, { authorization })).data).toEqual({ me: { id: person.userId } });
    const bearer = await aBrowser().ask(signInMutation, { input: { email: person.email, password } }, {});
    expect(bearer.data.signIn?.tokens.accessToken).not.toBe('');
    expect(bearer.headers.getSetCookie()).toEqual([]);
  });

  test('that somebody planted before are replaced by a sign-in: the session is a new one, and nobody else’s', async () => {
    const attacker = await signedIn('planter');
    const victim = await harness.signUp('planted-upon');
    const browser = aBrowser();
    for (const [name, value] of attacker.browser.jar) browser.jar.set(name, value);
    const own = '{ me { id sessions { id } } }';

    const entered = await browser.ask(signInMutation, { input: { email: victim.email, password } });

    expect(entered.data.signIn?.user).toMatchObject({ id: victim.userId });
    for (const [name, value] of browser.jar) expect(attacker.browser.jar.get(name)).not.toBe(value);
    const [ofVictim, ofAttacker] = [await browser.ask(own), await attacker.browser.ask(own)];
    expect([ofVictim.data.me?.id, ofAttacker.data.me?.id]).toEqual([victim.userId, attacker.person.userId]);
    const known = new Set(ofAttacker.data.me?.sessions?.map((session) => JSON.stringify(session)));
    expect(ofVictim.data.me?.sessions?.some((session) => known.has(JSON.stringify(session)))).toBe(false);
  });

  test('may be asked for by a page of an allowed origin after a preflight, and by no other', async () => {
    const preflight = (from: string, path: string) =>
      fetch(`${gateway.origin}${path}`, {
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
