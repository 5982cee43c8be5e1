import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noSecurityPolicy } from '@tessera/service/security-policy';
import { startFakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import type { TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { tenantSchema } from '../support/tenant-schema.js';
import { transportsFor } from '../support/transports.js';

const leftovers = createLeftovers();
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  const tenants = await startFakeSubgraph(tenantSchema, {
    Tenant: {
      __resolveReference: ({ id }: { id: string }) => ({
        id,
        status: 'ACTIVE',
        plan: 'free',
        disabledServices: [],
        securityPolicy: noSecurityPolicy,
      }),
    },
  });
  leftovers.defer('tenants', () => tenants.close());
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      PRINCIPAL_SECRET: 'a-secret-between-gateway-and-subgraphs',
      TENANT_PLANS_URL: tenants.url,
      TENANT_PLANS_TIMEOUT_MS: '60000',
      POLICY_FREE_FIELDS: 'header,__typename',
    },
  }));
}, 30_000);
afterAll(() => leftovers.close());

const [meant, other] = [randomUUID(), randomUUID()];
const bearer = async (tenantId?: string) =>
  `Bearer ${await issuer.issue(tenantId === undefined ? {} : { tid: tenantId })}`;

describe('a request that says which tenant it is meant for', () => {
  test.each(transportsFor('query'))(
    'is answered while that one is active, and refused else: %s',
    async (_, transport) => {
      const send = async (activeTenantId: string) =>
        transport.send(
          running.url,
          { query: '{ whoAmI }' },
          { authorization: await bearer(activeTenantId), headers: { 'x-tenant-id': meant } },
        );

      expect((await send(meant)).answers).toMatchObject([{ data: { whoAmI: expect.any(String) } }]);
      expect((await send(other)).code).toBe('PRECONDITION_FAILED');
    },
  );

  test.each(transportsFor('mutation'))('changes nothing of another tenant: %s', async (_, transport) => {
    const before = running.subgraphs.people.requests.length;

    const refused = await transport.send(
      running.url,
      { query: 'mutation { rename(id: "1", name: "x") { id } }' },
      { authorization: await bearer(other), headers: { 'x-tenant-id': meant } },
    );

    expect(refused.code).toBe('PRECONDITION_FAILED');
    expect(running.subgraphs.people.requests).toHaveLength(before);
  });

  test.each(transportsFor('subscription'))('listens to no other tenant: %s', async (_, transport) => {
    const refused = await transport.send(
      running.url,
      { query: 'subscription { countTo(last: 1) }' },
      { authorization: await bearer(other), headers: { 'x-tenant-id': meant } },
    );

    expect(refused.code).toBe('PRECONDITION_FAILED');
  });

  test('is told which tenant is active, also that none is', async () => {
    const detailsIn = async (tenantId?: string) => {
      const headers = { authorization: await bearer(tenantId), 'x-tenant-id': meant };
      const { body } = await running.post({ query: '{ whoAmI }' }, headers);
      return body.errors?.[0]?.extensions?.['details'];
    };

    expect(await detailsIn(other)).toEqual({ reason: 'OTHER_TENANT_ACTIVE', activeTenantId: other });
    expect(await detailsIn()).toEqual({ reason: 'OTHER_TENANT_ACTIVE', activeTenantId: null });
  });

  test('may still switch to it, and sign in', async () => {
    const headers = { authorization: await bearer(other), 'x-tenant-id': meant };

    expect((await running.post({ query: '{ header(name: "x") }' }, headers)).code).toBeUndefined();
    expect((await running.post({ query: '{ whoAmI }' }, { 'x-tenant-id': meant })).code).toBeUndefined();
  });
});
