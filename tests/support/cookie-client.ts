import { password, type AuthHarness, type SignedUp } from './auth-harness.js';

/** The page whose tokens the gateway keeps, in tests. */
export const pageOfCookies = 'https://app.example.com';

interface ReadTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn?: number;
}

/** What the operations of these tests may answer. */
export interface CookieData {
  readonly me?: { readonly id: string; readonly sessions?: readonly object[] } | null;
  readonly signIn?: { readonly user: object; readonly tokens: ReadTokens };
  readonly signUp?: { readonly user: { readonly id: string }; readonly tokens: ReadTokens };
  readonly switchTenant?: ReadTokens;
  readonly signOut?: boolean;
}

interface CookieAnswer {
  readonly data?: CookieData;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

/** A browser, as far as cookies go, with a page of an origin in it. */
export class CookieClient {
  readonly jar = new Map<string, string>();
  lastSetCookies: readonly string[] = [];

  /** @param gatewayOrigin where the gateway is @param pageOrigin of the page that asks it */
  constructor(
    readonly gatewayOrigin: string,
    readonly pageOrigin = pageOfCookies,
  ) {}

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async fetch(path: string, init: RequestInit = {}, mode: Record<string, string> = { 'x-session-mode': 'cookie' }) {
    const response = await fetch(`${this.gatewayOrigin}${path}`, {
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
    const { data = {}, errors } = (await response.json()) as CookieAnswer;
    return { status: response.status, headers: response.headers, data, code: errors?.[0]?.extensions.code };
  }

  refresh = () => this.fetch('/session/refresh');

  leave = (mode?: Record<string, string>) => this.fetch('/session', { method: 'DELETE' }, mode);
}

export const signInMutation = `mutation ($input: SignInInput!) { signIn(input: $input) {
  ... on SignedIn { user { id email } tokens { accessToken refreshToken expiresIn } } } }`;

/** Somebody who has signed in with a browser. */
export async function signInByPage(harness: AuthHarness, name: string, browser: CookieClient) {
  const person: SignedUp = await harness.signUp(name);
  const answer = await browser.ask(signInMutation, { input: { email: person.email, password } });
  return { person, browser, answer };
}
