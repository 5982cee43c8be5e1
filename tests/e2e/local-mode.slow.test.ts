import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../support/graphql-client.js';
import { readInvitationsFromFolder } from '../support/invitation-mails.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { defineAccountImport } from './account-import.js';
import { defineApiKeys } from './api-keys.js';
import { defineDeactivation } from './deactivation.js';
import { defineIsolation } from './isolation.js';
import { defineJourney } from './journey.js';
import { defineTenantRules } from './tenant-rules.js';
import { defineNotifications } from './notifications.js';
import type { PlatformUnderTest } from './people.js';
import { platformAdminEmail } from './platform-admin.js';

let local: LocalMode;
beforeAll(async () => {
  local = await startLocalMode({ withDemo: true, environment: { SUPER_ADMIN_EMAILS: platformAdminEmail } });
  // A busy machine takes a minute to start PostgreSQL and six services in one process.
}, 180_000);
afterAll(() => local?.remove());

const platform = (): PlatformUnderTest => ({
  origin: local.origin,
  readInvitation: readInvitationsFromFolder(join(local.dataDirectory, 'mail')),
});

describe('the journey on local mode', () => defineJourney(platform));
describe('two tenants on local mode', () => defineIsolation(platform));
describe('deactivation on local mode', () => defineDeactivation(platform));
describe('people of another system on local mode', () => defineAccountImport(platform));
describe('API keys on local mode', () => defineApiKeys(platform));
describe('what a tenant asks and lets do, on local mode', () => defineTenantRules(platform));
describe('notifications on local mode', () => defineNotifications(platform));

test('stopping is clean, and after a restart the demo is there once and has its data', async () => {
  const signIn = `mutation { signIn(input: { email: "demo@tessera.local", password: "demo-password" }) {
    ... on SignedIn { tokens { accessToken } } } }`;

  const end = await local.stop();
  const lastWords = local.output();
  await local.restart();

  expect(end).toEqual({ code: 0, signal: null });
  expect(lastWords).not.toMatch(/"level":(50|60|"error"|"fatal")/);
  const token = (await ask(local.origin, { query: signIn })).signIn.tokens.accessToken;
  const { me } = await ask(local.origin, { query: '{ me { memberships { tenant { name } } } }', token });
  expect(me.memberships).toEqual([{ tenant: { name: 'Acme' } }]);
}, 60_000);
