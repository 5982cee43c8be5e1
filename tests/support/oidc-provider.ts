import { startPlatformProcess } from './platform-process.js';

export const oidcRedirectUri = 'http://localhost:4321/signed-in';

/** A real OpenID provider, in a process of its own. */
export interface OidcProviderProcess {
  readonly issuer: string;
  /** What a platform needs to know of it: the value of `OIDC_PROVIDERS`. */
  readonly setting: string;
  /** Does what a person does in a browser: logs in by an address, and consents. @returns where the browser is sent back to */
  logIn(authorizationUrl: string, email: string): Promise<string>;
  stop(): Promise<unknown>;
}

/** Starts a provider that knows the client `tessera`. */
export async function startOidcProvider(): Promise<OidcProviderProcess> {
  const started = startPlatformProcess('tests/dist/support/oidc-provider-main.js', [oidcRedirectUri]);
  await started.written('is ready');
  const issuer = /OpenID provider at (\S+)/.exec(started.output())?.[1] ?? '';
  const provider = {
    id: 'acme',
    name: 'Acme',
    issuer,
    clientId: 'tessera',
    clientSecret: 'secret-of-tessera',
    redirectUris: [oidcRedirectUri],
  };
  return {
    issuer,
    setting: JSON.stringify([provider]),
    logIn: (authorizationUrl, email) => logIn(authorizationUrl, email),
    stop: () => started.end('SIGKILL'),
  };
}

/** A browser that knows redirects, cookies and the two forms of the provider: to log in, and to consent. */
async function logIn(authorizationUrl: string, email: string): Promise<string> {
  const cookies = new Map<string, string>();
  let form: URLSearchParams | undefined;
  let url = authorizationUrl;
  for (let step = 0; step < 12; step += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== undefined && { method: 'POST', body: form }),
      signal: AbortSignal.timeout(20_000),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    const page = await response.text();
    form = undefined;
    if (location !== null) {
      url = new URL(location, url).href;
      if (url.startsWith(oidcRedirectUri)) return url;
      continue;
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    const action = /action="([^"]+)"/.exec(page)?.[1];
    if (prompt === undefined || action === undefined)
      throw new Error(`The provider answered ${response.status}: ${page}`);
    url = new URL(action, url).href;
    form = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: email, password: 'any' }) });
  }
  throw new Error('The provider sent from page to page');
}
