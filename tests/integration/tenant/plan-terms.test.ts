import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { withClient, withDatabase } from '@tessera/service/database';
import { createJobs } from '@tessera/service/jobs';
import { keyRedeemedEventType } from '@tessera/service/tenancy';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { anOrganisation, invitationSecret, platformAdmin, type Organisation } from './organisation.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(() => harness.stop());

const keyEvent = (tenantId: string, plan: string, termDays: number | null): DomainEvent =>
  createDomainEvent({
    type: keyRedeemedEventType,
    tenantId,
    payload: { keyId: randomUUID(), plan, termDays, redeemedBy: randomUUID() },
  });

async function planOf({ admin }: Organisation): Promise<{ plan: string; days: number | null }> {
  const { data } = await harness.request(admin, '{ tenant { plan planEndsAt } }');
  const { plan, planEndsAt } = data.tenant;
  return { plan, days: planEndsAt === null ? null : Math.round((Date.parse(planEndsAt) - Date.now()) / 86_400_000) };
}

const sql = (text: string, values: readonly unknown[]) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) => client.query(text, [...values]));

/** Has the job that ends terms run now. */
async function endTerms(): Promise<void> {
  const leftovers = createLeftovers();
  const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
  await jobs.start();
  await jobs.send('end-plan-terms', {});
  await leftovers.close();
}

describe('a redeemed activation key', () => {
  test('gives the tenant its plan for the term, once an event, and terms of one plan add up', async () => {
    const organisation = await anOrganisation(harness);
    const event = keyEvent(organisation.tenantId, 'pro', 30);

    await harness.deliver(event);
    await harness.deliver(event);
    expect(await planOf(organisation)).toEqual({ plan: 'pro', days: 30 });

    await harness.deliver(keyEvent(organisation.tenantId, 'pro', 10));
    expect(await planOf(organisation)).toEqual({ plan: 'pro', days: 40 });
  });

  test('for good is not ended by a later one with a term', async () => {
    const organisation = await anOrganisation(harness);

    await harness.deliver(keyEvent(organisation.tenantId, 'pro', null));
    await harness.deliver(keyEvent(organisation.tenantId, 'pro', 30));

    expect(await planOf(organisation)).toEqual({ plan: 'pro', days: null });
  });

  test('gives way to the plan that the platform sets', async () => {
    const organisation = await anOrganisation(harness);
    await harness.deliver(keyEvent(organisation.tenantId, 'pro', 30));

    const query = 'mutation ($input: ChangePlanInput!) { changePlan(input: $input) { plan } }';
    await harness.request(platformAdmin, query, { input: { tenantId: organisation.tenantId, plan: 'enterprise' } });

    expect(await planOf(organisation)).toEqual({ plan: 'enterprise', days: null });
  });

  test('ends with its term: the plan before comes back, and other tenants keep theirs', async () => {
    const [over, lasting] = [await anOrganisation(harness), await anOrganisation(harness)];
    await harness.deliver(keyEvent(over.tenantId, 'pro', 1));
    await harness.deliver(keyEvent(over.tenantId, 'enterprise', 1));
    await harness.deliver(keyEvent(lasting.tenantId, 'pro', 1));
    await sql(`update tenant set plan_ends_at = now() - interval '1 minute' where id = $1`, [over.tenantId]);

    await endTerms();

    await eventually(async () => (await planOf(over)).plan === 'free', 20_000);
    expect(await planOf(over)).toEqual({ plan: 'free', days: null });
    expect(await planOf(lasting)).toEqual({ plan: 'pro', days: 1 });
  }, 30_000);
});
