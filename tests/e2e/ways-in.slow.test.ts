import { afterAll, beforeAll, describe } from '@jest/globals';
import { withDatabase } from '@tessera/service/database';
import { describeWithProgram } from '../support/installed.js';
import { createLeftovers } from '../support/leftovers.js';
import { startLocalMode } from '../support/local-mode.js';
import { startOidcProvider } from '../support/oidc-provider.js';
import { runSql, startPostgresServer } from '../support/postgres-server.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { definePasskeys } from './passkeys.js';
import { defineStepUp, type SteppingSurroundings } from './step-up.js';
import { defineWaysIn } from './ways-in.js';

const leftovers = createLeftovers();
let surroundings: SteppingSurroundings;

beforeAll(async () => {
  const smtp = await startSmtpServer();
  leftovers.defer('smtp', () => smtp.stop());
  const provider = await startOidcProvider();
  leftovers.defer('provider', () => provider.stop());
  const postgres = await startPostgresServer();
  leftovers.defer('postgres', () => postgres.stop());
  const { adminUrl } = postgres;
  const environment = { MAIL_URL: smtp.url, OIDC_PROVIDERS: provider.setting, DATABASE_URL: adminUrl };
  const local = await startLocalMode({ environment });
  leftovers.defer('local mode', () => local.remove());
  const age = (userId: string) =>
    runSql(
      withDatabase(adminUrl, 'tessera_auth'),
      `update session set authenticated_at = authenticated_at - interval '16 minutes' where user_id = '${userId}'`,
    );
  surroundings = { origin: local.origin, smtp, provider, age };
}, 120_000);

afterAll(() => leftovers.close());

describe('through the gateway, people come in by', () => defineWaysIn(() => surroundings));
describe('through the gateway, a sensitive change', () => defineStepUp(() => surroundings));
describeWithProgram('chromium', 'passkeys', () => definePasskeys(() => surroundings));
