import { hash as hashBcrypt } from '@node-rs/bcrypt';
import { expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import type { PlatformUnderTest } from './people.js';
import { platformAdminToken } from './platform-admin.js';

/** People whom another system has known. */
export function defineAccountImport(platform: () => PlatformUnderTest): void {
  test('people of another system sign in with their passwords, and have their names and languages', async () => {
    const { origin } = platform();
    const email = 'taken.over@example.com';
    const passwordHash = await hashBcrypt('a password of elsewhere', { cost: 4 });
    await ask(origin, {
      query: 'mutation ($input: ImportAccountsInput!) { importAccounts(input: $input) { userId } }',
      variables: { input: { accounts: [{ email, passwordHash, displayName: 'Tara Taken', locale: 'zh-CN' }] } },
      token: await platformAdminToken(origin),
    });

    const { signIn } = await ask(origin, {
      query: 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken } } } }',
      variables: { input: { email, password: 'a password of elsewhere' } },
    });

    const token = signIn.tokens.accessToken;
    const profile = async () => (await send(origin, { query: '{ me { displayName locale } }', token })).data?.me;
    // Its profile begins a moment later.
    await eventually(async () => (await profile())?.displayName === 'Tara Taken', 30_000);
    expect(await profile()).toEqual({ displayName: 'Tara Taken', locale: 'zh-CN' });
  }, 60_000);
}
