import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { startDnsServer } from '../support/dns-server.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { createLeftovers } from '../support/leftovers.js';
import { startLocalMode } from '../support/local-mode.js';
import { repositoryRoot } from '../support/repository-root.js';
import { startSmtpServer } from '../support/smtp-server.js';
import { defineGrowing } from './organisation/growing.js';
import { defineLeaving } from './organisation/leaving.js';
import { defineOrder } from './organisation/order.js';
import { foundOrganisation, type Organisation } from './organisation/organisation.js';
import { defineTrouble } from './organisation/trouble.js';
import { platformAdminEmail } from './platform-admin.js';

describe('the life of an organisation', () => {
  const leftovers = createLeftovers();
  let orchard: Organisation;

  beforeAll(async () => {
    const nameServer = await startDnsServer();
    leftovers.defer('name server', () => nameServer.stop());
    const smtp = await startSmtpServer();
    leftovers.defer('mail server', () => smtp.stop());
    const local = await startLocalMode({
      environment: {
        MAIL_URL: smtp.url,
        DNS_SERVERS: nameServer.address,
        SUPER_ADMIN_EMAILS: platformAdminEmail,
        PLANS_PATH: join(repositoryRoot, 'tests/fixtures/small-plans.json'),
        ERASURE_GRACE_HOURS: '0',
      },
    });
    leftovers.defer('platform', () => local.remove());
    const readInvitation = readInvitationsFromSmtp(smtp);
    orchard = await foundOrganisation({ origin: local.origin, readInvitation, nameServer });
    // A busy machine takes a minute to start PostgreSQL and six services in one process.
  }, 240_000);

  afterAll(() => leftovers.close(), 120_000);

  defineGrowing(() => orchard);
  defineOrder(() => orchard);
  defineTrouble(() => orchard);
  defineLeaving(() => orchard);
});
