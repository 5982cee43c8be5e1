import { chromium, type CDPSession, type Page } from 'playwright-core';

/** A browser with an authenticator of its own, on a page of an origin. */
export interface PasskeyBrowser {
  /** Makes a passkey as a front end does. @returns the credential's `toJSON()` */
  create(options: object): Promise<PasskeyAnswer>;
  /** Asks for a passkey. */
  get(options: object): Promise<PasskeyAnswer>;
  /** Whether the authenticator checks, from now on, who holds it. */
  setUserVerified(isUserVerified: boolean): Promise<void>;
  /** Forgets all passkeys: an authenticator has room for three. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export interface PasskeyAnswer {
  readonly id: string;
  readonly response: Readonly<Record<string, string>>;
}

/** Starts headless Chromium with a virtual authenticator (CDP: WebAuthn), on an empty page of an origin. */
export async function startPasskeyBrowser(origin: string): Promise<PasskeyBrowser> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.route(`${origin}/passkeys`, (route) => route.fulfill({ contentType: 'text/html', body: '<p>Passkeys' }));
    await page.goto(`${origin}/passkeys`);
    const session = await page.context().newCDPSession(page);
    const authenticatorId = await addAuthenticator(session);
    return {
      create: (options) => run(page, 'create', 'parseCreationOptionsFromJSON', options),
      get: (options) => run(page, 'get', 'parseRequestOptionsFromJSON', options),
      async setUserVerified(isUserVerified) {
        await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
      },
      async clear() {
        await session.send('WebAuthn.clearCredentials', { authenticatorId });
      },
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function addAuthenticator(session: CDPSession): Promise<string> {
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return authenticatorId;
}

/** The page's own script: what a front end would run. */
async function run(page: Page, action: string, parse: string, options: object): Promise<PasskeyAnswer> {
  const script = `navigator.credentials.${action}({
    publicKey: PublicKeyCredential.${parse}(${JSON.stringify(options)})
  }).then((credential) => credential.toJSON())`;
  return page.evaluate<PasskeyAnswer>(script);
}
