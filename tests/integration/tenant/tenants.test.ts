import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(() => harness.stop());

async function createTenant(userId: string, slug: string): Promise<string> {
  const answer = await harness.request(
    aUser({ userId }),
    'mutation ($slug: String!) { createTenant(input: { name: "Acme", slug: $slug }) { id } }',
    { slug },
  );
  return answer.data.createTenant.id;
}

describe('tenants', () => {
  test('a person who creates a tenant is its administrator', async () => {
    const user = aUser();
    const tenantId = await createTenant(user.userId, 'first');

    const answer = await harness.request(
      aUser({ userId: user.userId, tenantId, role: 'TENANT_ADMIN' }),
      '{ tenant { id slug members { totalCount nodes { role user { id } } } } }',
    );

    expect(answer).toEqual({
      data: {
        tenant: {
          id: tenantId,
          slug: 'first',
          members: { totalCount: 1, nodes: [{ role: 'TENANT_ADMIN', user: { id: user.userId } }] },
        },
      },
    });
  });

  test('a slug that is taken is a conflict, whoever has it', async () => {
    await createTenant(aUser().userId, 'taken');

    const answer = await harness.request(
      aUser(),
      'mutation { createTenant(input: { name: "B", slug: "taken" }) { id } }',
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('CONFLICT');
  });

  test('an anonymous caller cannot create a tenant', async () => {
    const answer = await harness.request(
      anonymous,
      'mutation { createTenant(input: { name: "B", slug: "bb" }) { id } }',
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});
