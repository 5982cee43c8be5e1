import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ask, send } from '../support/graphql-client.js';
import { describeWithProgram } from '../support/installed.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { linkIn, nextMailWithLink } from '../support/mail-folder.js';
import { signIn, signUp, type Person } from './people.js';

const password = 'correct horse battery staple';

const headings = {
  '/verify-email': 'Confirm your address',
  '/reset-password': 'Choose a new password',
  '/sign-in': 'Sign in',
  '/confirm-email-change': 'Confirm the change of your address',
} as const;

describeWithProgram('chromium', 'the link in a mail of an account', () => {
  let local: LocalMode;
  let browser: Browser;
  beforeAll(async () => {
    local = await startLocalMode();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox'] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await local?.remove();
  });

  /** Opens the link that has been mailed to an address, and sees the page that is meant. */
  async function openLinkTo(email: string, path: keyof typeof headings): Promise<Page> {
    const mail = await nextMailWithLink(join(local.dataDirectory, 'mail'), email, path);
    const page = await browser.newPage();
    await page.goto(linkIn(mail));
    await page.getByRole('heading', { name: headings[path] }).waitFor();
    return page;
  }

  const askAs = (person: Person | undefined, query: string, variables: object = {}) =>
    ask(local.origin, { query, variables, ...(person !== undefined && { token: person.accessToken }) });

  async function aProvenPerson(name: string): Promise<Person> {
    const person = await signUp(local.origin, name);
    await askAs(person, 'mutation { requestEmailVerification }');
    const page = await openLinkTo(person.email, '/verify-email');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Your address is confirmed.').waitFor();
    await page.close();
    return person;
  }

  const requestLink = 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { expiresAt } }';

  test('proves the address by a click, and by nothing less', async () => {
    const person = await signUp(local.origin, 'Vera Verified');
    const needsProof = 'mutation { enrollTotp { secret } }';
    await askAs(person, 'mutation { requestEmailVerification }');

    const page = await openLinkTo(person.email, '/verify-email');
    const before = await send(local.origin, { query: needsProof, token: person.accessToken });
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Your address is confirmed.').waitFor();
    const after = await askAs(person, needsProof);

    expect(before.code).toBe('PRECONDITION_FAILED');
    expect(after.enrollTotp.secret).toEqual(expect.any(String));
  }, 60_000);

  test('sets another password, once', async () => {
    const { email } = await signUp(local.origin, 'Rosa Reset');
    const request = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }';
    await askAs(undefined, request, { input: { email } });

    const page = await openLinkTo(email, '/reset-password');
    await page.getByLabel('New password').fill('another horse battery staple');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('You have a new password.').waitFor();
    await page.reload();
    await page.getByLabel('New password').fill('a third horse battery staple');
    await page.getByRole('button', { name: 'Set the password' }).click();

    await page.getByText('The link is not valid any more').waitFor();
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
    const entered = await askAs(undefined, query, { input: { email, password: 'another horse battery staple' } });
    expect(entered.signIn.__typename).toBe('SignedIn');
  }, 60_000);

  /** Turns an authenticator app on. @returns recovery codes */
  async function turnAppOn(person: Person): Promise<readonly [string, ...string[]]> {
    const { secret } = (await askAs(person, 'mutation { enrollTotp { secret } }')).enrollTotp;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const confirm = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }';
    return (await askAs(person, confirm, { input: { code } })).confirmTotp.codes;
  }

  test('signs in, and asks who has an authenticator app for its code', async () => {
    const person = await aProvenPerson('Lena Link');
    const [recoveryCode] = await turnAppOn(person);
    await askAs(undefined, requestLink, { input: { email: person.email } });

    const page = await openLinkTo(person.email, '/sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Code of your authenticator app').fill(recoveryCode);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(`You are signed in as ${person.email}.`).waitFor();

    const token = await page.getByLabel('Access token').inputValue();
    expect((await ask(local.origin, { query: '{ me { id } }', token })).me).toEqual({ id: person.id });
  }, 60_000);

  test('lets who has signed in to the wrong account, with its second factor, sign in to the right one', async () => {
    const person = await aProvenPerson('Rita Right');
    const wrong = await aProvenPerson('Wanda Wrong');
    const [recoveryCode] = await turnAppOn(wrong);
    const newEmail = `new-${person.email}`;
    const request = 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }';
    await askAs(person, request, { input: { newEmail } });

    const page = await openLinkTo(newEmail, '/confirm-email-change');
    const confirmBy = async ({ email }: Person) => {
      await page.getByLabel('Address so far').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Confirm' }).click();
    };
    await page.getByRole('button', { name: 'Confirm' }).click();
    await confirmBy(wrong);
    await page.getByLabel('Code of your authenticator app').fill(recoveryCode);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByLabel('Code of your authenticator app').waitFor({ state: 'hidden' });
    await confirmBy(person);

    await page.getByText('Now open the link in the mail to the other address.').waitFor();
  }, 60_000);

  test('changes the address once both have confirmed, the new one by who signs in', async () => {
    const person = await aProvenPerson('Cleo Change');
    const newEmail = `new-${person.email}`;
    const request = 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }';
    await askAs(person, request, { input: { newEmail } });

    const ofNew = await openLinkTo(newEmail, '/confirm-email-change');
    await ofNew.getByRole('button', { name: 'Confirm' }).click();
    await ofNew.getByLabel('Address so far').fill(person.email);
    await ofNew.getByLabel('Password').fill(password);
    await ofNew.getByRole('button', { name: 'Confirm' }).click();
    await ofNew.getByText('Now open the link in the mail to the other address.').waitFor();
    const ofOld = await openLinkTo(person.email, '/confirm-email-change');
    await ofOld.getByRole('button', { name: 'Confirm' }).click();
    await ofOld.getByText('Your address is changed.').waitFor();

    const entered = await signIn(local.origin, { ...person, email: newEmail });
    expect(await ask(local.origin, { query: '{ me { id } }', token: entered.accessToken })).toEqual({
      me: { id: person.id },
    });
  }, 60_000);
});
