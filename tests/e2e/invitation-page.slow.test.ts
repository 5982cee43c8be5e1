import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';
import { ask } from '../support/graphql-client.js';
import { describeWithProgram } from '../support/installed.js';
import { readInvitationsFromFolder } from '../support/invitation-mails.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { createTenant, signUp, type Person, type Tokens } from './people.js';

describeWithProgram('chromium', 'the link in an invitation mail', () => {
  let local: LocalMode;
  let browser: Browser;
  let founder: Person & Tokens;
  beforeAll(async () => {
    local = await startLocalMode();
    const person = await signUp(local.origin, 'Fay Founder');
    founder = { ...person, ...(await createTenant(local.origin, person, 'Page Ltd')) };
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox'],
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await local?.remove();
  });

  /** Invites an address, and opens what the mail leads to. */
  async function openInvitation(email: string) {
    await ask(local.origin, {
      query: 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }',
      variables: { input: { email } },
      token: founder.accessToken,
    });
    const token = await readInvitationsFromFolder(join(local.dataDirectory, 'mail'))(email);
    const page = await browser.newPage();
    await page.goto(`${local.origin}/invitations/accept#token=${encodeURIComponent(token)}`);
    await page.getByRole('heading', { name: 'Join Page Ltd' }).waitFor();
    return page;
  }

  const hasJoined = 'You have joined.';

  test('lets a new person sign up and join', async () => {
    const page = await openInvitation('nora@example.com');

    await page.getByLabel('I have no account yet').check();
    await page.getByLabel('Your name').fill('Nora New');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Sign up and join' }).click();

    await page.getByText(hasJoined).waitFor();
    expect(await page.getByLabel('Address').inputValue()).toBe('nora@example.com');
  }, 60_000);

  test('lets somebody with an account sign in and join, once', async () => {
    const guest = await signUp(local.origin, 'Otto Old');
    const page = await openInvitation(guest.email);

    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Sign in and join' }).click();
    await page.getByText(hasJoined).waitFor();
    await page.reload();

    await page.getByText('Invitation was not found').waitFor();
    const { tenant } = await ask(local.origin, {
      query: '{ tenant { members { nodes { user { displayName } } } } }',
      token: founder.accessToken,
    });
    expect(tenant.members.nodes).toContainEqual({ user: { displayName: 'Otto Old' } });
  }, 60_000);
});
