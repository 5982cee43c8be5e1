import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import { createJobs } from '@tessera/service/jobs';
import { tenantLimitsEventType } from '@tessera/service/quotas';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, invitationSecret, platformAdmin } from './organisation.js';

let harness: SubgraphHarness;
const announced: DomainEvent[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
  harness.eventBus.subscribe({
    consumer: 'test',
    types: [tenantLimitsEventType],
    handle: async (event) => void announced.push(event),
  });
}, 60_000);

afterAll(() => harness.stop());

/** What was announced of a tenant, once there is so much of it. */
async function announcements(tenantId: string, count: number): Promise<readonly DomainEvent['payload'][]> {
  const of = () => announced.filter((event) => event.tenantId === tenantId).map(({ payload }) => payload);
  await eventually(() => of().length >= count, 20_000);
  return of();
}

const sql = (text: string, values: readonly unknown[]) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) => client.query(text, [...values]));

/** Has the job that looks for what was not announced run now. */
async function lookAgain(): Promise<void> {
  const leftovers = createLeftovers();
  const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
  await jobs.start();
  await jobs.send('announce-limits', {});
  await leftovers.close();
}

const free = { apiCallsPerMonth: 5_000_000, activeUsersPerMonth: 1_000, eventsPerMonth: 5_000_000, storageBytes: null };

describe('limits of what others count', () => {
  test('are announced when a tenant begins, and when it gets another plan', async () => {
    const { tenantId } = await anOrganisation(harness);

    await harness.request(platformAdmin, 'mutation ($input: ChangePlanInput!) { changePlan(input: $input) { plan } }', {
      input: { tenantId, plan: 'enterprise' },
    });

    const [first, second] = await announcements(tenantId, 2);
    expect(first).toEqual({ version: 1, plan: 'free', limits: free });
    expect(second).toMatchObject({ version: 2, plan: 'enterprise', limits: { eventsPerMonth: null } });
  });

  test('are announced of tenants from before anybody was told, and again where the plan has other limits now', async () => {
    const [unheard, outdated, told] = [
      await anOrganisation(harness),
      await anOrganisation(harness),
      await anOrganisation(harness),
    ];
    for (const { tenantId } of [unheard, outdated, told]) await announcements(tenantId, 1);
    await sql('update tenant set announced_limits = null where id = $1', [unheard.tenantId]);
    await sql(
      `update tenant set announced_limits = jsonb_set(announced_limits, '{eventsPerMonth}', '7') where id = $1`,
      [outdated.tenantId],
    );

    await lookAgain();

    for (const { tenantId } of [unheard, outdated]) {
      expect((await announcements(tenantId, 2))[1]).toEqual({ version: 2, plan: 'free', limits: free });
    }
    expect(await announcements(told.tenantId, 1)).toHaveLength(1);
  }, 60_000);
});
