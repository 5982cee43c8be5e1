import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeWithProgram } from '../support/installed.js';
import { createLeftovers } from '../support/leftovers.js';
import { startLocalMode } from '../support/local-mode.js';
import { startOidcProvider } from '../support/oidc-provider.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { definePasskeys } from './passkeys.js';
import { defineWaysIn, type Surroundings } from './ways-in.js';

const leftovers = createLeftovers();
let surroundings: Surroundings;

beforeAll(async () => {
  const smtp = await startSmtpServer();
  leftovers.defer('smtp', () => smtp.stop());
  const provider = await startOidcProvider();
  leftovers.defer('provider', () => provider.stop());
  const local = await startLocalMode({ environment: { MAIL_URL: smtp.url, OIDC_PROVIDERS: provider.setting } });
  leftovers.defer('local mode', () => local.remove());
  surroundings = { origin: local.origin, smtp, provider };
}, 120_000);

afterAll(() => leftovers.close());

describe('through the gateway, people come in by', () => defineWaysIn(() => surroundings));
describeWithProgram('chromium', 'passkeys', () => definePasskeys(() => surroundings));
