import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import { createInvitationToken } from '@tessera/tenant/invitations/invitation-token';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

const invitationSecret = 'a-secret-for-invitations-in-tests-only';
let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(() => harness.stop());

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
    const invited = await harness.request(
      active,
      'mutation { inviteMember(input: { email: "Ann@Example.com" }) { id email role status } }',
    );
    expect(invited.data.inviteMember).toMatchObject({ email: 'ann@example.com', role: 'USER', status: 'PENDING' });

    const guest = aUser();
    const token = createInvitationToken(invitationSecret, invited.data.inviteMember.id);
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
