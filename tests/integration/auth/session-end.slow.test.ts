import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAuthGateway, type AuthGateway } from '../../support/auth-gateway.js';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { CookieClient, pageOfCookies as page, signInByPage } from '../../support/cookie-client.js';

const environment = { SESSION_COOKIE_ORIGINS: page };
const [access, refresh] = ['__Host-tessera-access', '__Host-tessera-refresh'];
const emptied = [access, refresh].map((name) => `${name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`);

let harness: AuthHarness;
let gateway: AuthGateway;

beforeAll(async () => {
  harness = await startAuthHarness();
  gateway = await startAuthGateway(harness, environment);
}, 180_000);

afterAll(async () => {
  await gateway.stop();
  await harness.stop();
});

const signedIn = (name: string, at = gateway) => signInByPage(harness, name, new CookieClient(at.origin));
const refreshTokenIn = (browser: CookieClient): string => browser.jar.get(refresh ?? '') ?? '';

describe('DELETE /session', () => {
  test('signs a page out whose access has ended, and the session with it', async () => {
    const { browser } = await signedIn('access-gone');
    const refreshToken = refreshTokenIn(browser);
    browser.jar.delete(access ?? '');
    expect(await browser.ask('mutation { signOut }')).toMatchObject({ code: 'UNAUTHENTICATED' });

    const { ended } = await harness.announcedDuring(async () => {
      expect((await browser.leave()).status).toBe(204);
    });

    expect(ended).toHaveLength(1);
    expect(browser.lastSetCookies).toEqual(emptied);
    expect((await browser.refresh()).status).toBe(401);
    await expect(harness.refresh(refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('signs a page out whose access is good, at once', async () => {
    const { browser } = await signedIn('access-good');
    const kept = browser.cookie;

    expect((await browser.leave()).status).toBe(204);

    expect(browser.jar.size).toBe(0);
    const copy = new CookieClient(gateway.origin);
    for (const [name = '', value = ''] of kept.split('; ').map((pair) => pair.split('='))) copy.jar.set(name, value);
    expect((await copy.ask('{ me { id } }')).code).toBe('UNAUTHENTICATED');
  });

  test.each([
    ['no token', undefined],
    ['a token of nothing', `tsr_${'A'.repeat(43)}`],
    ['what is no token', 'nonsense'],
  ])('takes the cookies away where they hold %s', async (_what, token) => {
    const browser = new CookieClient(gateway.origin);
    if (token !== undefined) browser.jar.set(refresh ?? '', token);

    expect((await browser.leave()).status).toBe(204);

    expect(browser.lastSetCookies).toEqual(emptied);
  });

  test.each([
    ['without the header', page, {}, 400],
    ['from another site', 'https://evil.example.com', undefined, 403],
  ])('%s signs nobody out', async (name, origin, mode, status) => {
    const { browser } = await signedIn(`stays-${name.length}`);
    const forged = new CookieClient(gateway.origin, origin);
    for (const [cookie, value] of browser.jar) forged.jar.set(cookie, value);

    expect((await forged.leave(mode)).status).toBe(status);

    expect(forged.lastSetCookies).toEqual([]);
    expect((await browser.refresh()).status).toBe(200);
  });

  test('is asked of by pages of allowed origins after a preflight', async () => {
    const preflight = (origin: string) =>
      fetch(`${gateway.origin}/session`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'DELETE',
          'access-control-request-headers': 'x-session-mode',
        },
      });

    const allowed = await preflight(page);
    expect(allowed.headers.get('access-control-allow-methods')).toContain('DELETE');
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    expect((await preflight('https://evil.example.com')).status).toBe(403);
  });

  test('takes the cookies away also where auth cannot be asked, and says so', async () => {
    // Port 9 (discard) is nobody's here.
    const cutOff = await startAuthGateway(harness, { ...environment, API_KEYS_URL: 'http://127.0.0.1:9' });
    try {
      const { browser } = await signedIn('cut-off', cutOff);

      expect((await browser.leave()).status).toBe(502);

      expect(browser.lastSetCookies).toEqual(emptied);
    } finally {
      await cutOff.stop();
    }
  });
});

test('signing out by a refresh token counts as guessing, however many aliases it has', async () => {
  const limited = await startAuthGateway(harness, { RATE_LIMIT_SENSITIVE: '1/min burst 2' });
  try {
    const aliases = ['a', 'b', 'c'].map((name) => `${name}: signOut(refreshToken: "tsr_${name}")`);
    const answer = await new CookieClient(limited.origin).ask(`mutation { ${aliases.join(' ')} }`, {}, {});

    expect(answer.code).toBe('RATE_LIMITED');
  } finally {
    await limited.stop();
  }
});
