import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { principalHeader } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startForKnownCallers } from '../support/known-callers.js';
import { tenantSchema } from '../support/tenant-schema.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const query = '{ openAlerts }';

async function start(plans: ReadonlyMap<string, string>) {
  const tenants = await startFakeSubgraph(tenantSchema, {
    Tenant: {
      __resolveReference: ({ id }: { id: string }) => ({
        id,
        status: 'ACTIVE',
        plan: plans.get(id),
        disabledServices: [],
      }),
    },
  });
  leftovers.defer('tenants', () => tenants.close());
  const { issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      PRINCIPAL_SECRET: 'a-secret-between-gateway-and-subgraphs',
      TENANT_PLANS_URL: tenants.url,
      // What is asked here is not whether a busy machine answers in time.
      TENANT_PLANS_TIMEOUT_MS: '60000',
      RATE_LIMIT_PLANS: '*=1/min burst 4, pro=1/min burst 9',
    },
  });
  const ask = async (tid: string) =>
    running.post({ query }, { authorization: `Bearer ${await issuer.issue({ tid })}` });
  return { tenants, ask };
}

async function countAllowed(count: number, ask: () => Promise<{ readonly status: number }>): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, ask));
  return answers.filter(({ status }) => status === 200).length;
}

const principalsOf = (tenants: FakeSubgraph) =>
  tenants.requests.map(({ headers }) =>
    JSON.parse(Buffer.from(String(headers[principalHeader]), 'base64url').toString('utf8')),
  );

test("all people of a tenant share what its plan gives, and another tenant's share is its own", async () => {
  const [small, large] = [randomUUID(), randomUUID()];
  const { tenants, ask } = await start(
    new Map([
      [small, 'free'],
      [large, 'pro'],
    ]),
  );

  const [ofSmall, ofLarge] = await Promise.all([
    countAllowed(20, () => ask(small)),
    countAllowed(20, () => ask(large)),
  ]);

  expect([ofSmall, ofLarge]).toEqual([4, 9]);
  // Asked for once each, as the service inside that tenant.
  expect(principalsOf(tenants)).toHaveLength(2);
  expect(principalsOf(tenants)).toContainEqual({ kind: 'service', tenantId: large, roles: [], scopes: [] });
});

test('a tenant whose plan cannot be found out has that of the others', async () => {
  const tenant = randomUUID();
  const { tenants, ask } = await start(new Map([[tenant, 'pro']]));
  tenants.answerNext({ kind: 'reset' });

  const allowed = await countAllowed(20, () => ask(tenant));
  const unknown = await countAllowed(20, () => ask(randomUUID()).then((answer) => answer));

  expect(allowed).toBe(4);
  expect(unknown).toBe(20);
  await eventually(() => tenants.requests.length === 21);
});
