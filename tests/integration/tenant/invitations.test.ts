import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: SubgraphHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: smtp.url },
  });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

/** Resolves with the first event of a type that another subgraph would receive. */
function nextEvent(type: string): Promise<DomainEvent> {
  return new Promise((resolve) => {
    const consumer = harness.eventBus.subscribe({
      consumer: `test-${type}`,
      types: [type],
      handle: async (event) => {
        resolve(event);
        void consumer.close();
      },
    });
  });
}

describe('invitations', () => {
  test('a person who accepts becomes a member, and the other subgraphs hear of it', async () => {
    const admin = aUser();
    const created = await harness.request(admin, 'mutation { createTenant(input: { name: "A", slug: "aa" }) { id } }');
    const tenantId: string = created.data.createTenant.id;
    const active = aUser({ userId: admin.userId, tenantId, role: 'TENANT_ADMIN' });
    const mail = smtp.nextMail(({ recipients }) => recipients.includes('ann@example.com'));
    const invited = await harness.request(
      active,
      'mutation { inviteMember(input: { email: "Ann@Example.com" }) { id email role status } }',
    );
    expect(invited.data.inviteMember).toMatchObject({ email: 'ann@example.com', role: 'USER', status: 'PENDING' });

    const guest = aUser();
    const token = /#token=([\w-]+)/.exec((await mail).text)?.[1];
    const joined = nextEvent('member.joined');
    const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { role tenant { id } user { id } } }';
    const accepted = await harness.request(guest, accept, { token });
    expect(accepted.data.acceptInvitation).toEqual({
      role: 'USER',
      tenant: { id: tenantId },
      user: { id: guest.userId },
    });
    await expect(joined).resolves.toMatchObject({ tenantId });

    const again = await harness.request(aUser(), accept, { token });
    expect(again.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  }, 20_000);
});
