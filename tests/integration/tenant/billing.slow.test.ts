import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { createJobs } from '@tessera/service/jobs';
import { quotaWarningEventType, usageRequestEventType, usageSummaryEventType } from '@tessera/service/quotas';
import { createWebhookSecret, verifyWebhook } from '@tessera/service/webhooks';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { queryAs } from '../../support/sql-session.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, invitationSecret, platformAdmin } from './organisation.js';

interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly tenantId: string } & Readonly<Record<string, unknown>>;
}

const secret = createWebhookSecret();
const leftovers = createLeftovers();
const received: Received[] = [];
const asked: DomainEvent[] = [];
/** Tenants whose messages are not taken, and how often that is still so. */
const refusals = new Map<string, number>();
let harness: SubgraphHarness;

/** The receiver of billing: it takes what is signed. */
async function startBilling(): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { id } = verifyWebhook([secret], request.headers, body, Date.now());
    const message: Omit<Received, 'id'> = JSON.parse(body);
    received.push({ id, ...message });
    const left = refusals.get(message.data.tenantId) ?? 0;
    refusals.set(message.data.tenantId, left - 1);
    response.writeHead(left > 0 ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  leftovers.defer('billing', () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/billing`;
}

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: invitationSecret,
      MAIL_URL: 'console:',
      BILLING_WEBHOOK_URL: await startBilling(),
      BILLING_WEBHOOK_SECRET: secret,
      WEBHOOKS_ALLOW_PRIVATE: 'true',
    },
  });
  leftovers.defer('harness', () => harness.stop());
  harness.eventBus.subscribe({
    consumer: 'test',
    types: [usageRequestEventType],
    handle: async (event) => void asked.push(event),
  });
}, 120_000);

afterAll(() => leftovers.close(), 60_000);

/** What billing was told of a tenant, once it was told so often. */
async function toldOf(tenantId: string, count: number): Promise<readonly Received[]> {
  const found = () => received.filter(({ data }) => data.tenantId === tenantId);
  await eventually(() => found().length >= count, 60_000);
  return found();
}

interface Delivery {
  readonly tenantId: string;
  readonly type: string;
  readonly status: string;
  readonly attempts: number;
  readonly lastStatus: number | null;
}

async function deliveriesOf(tenantId: string): Promise<readonly Delivery[]> {
  const { data } = await harness.request(
    platformAdmin,
    '{ billingDeliveries(first: 100) { nodes { tenantId type status attempts lastStatus } } }',
  );
  return data.billingDeliveries.nodes.filter((delivery: Delivery) => delivery.tenantId === tenantId);
}

const changePlan = 'mutation ($input: ChangePlanInput!) { changePlan(input: $input) { plan } }';
const summary = { day: '2026-11-21', isFinal: false, apiCalls: 7, apiErrors: 1, events: 3, activeUsersOfMonth: 2 };

describe('billing', () => {
  test('is told of each plan that a tenant has', async () => {
    const { tenantId } = await anOrganisation(harness);
    await harness.request(platformAdmin, changePlan, { input: { tenantId, plan: 'pro' } });

    const told = await toldOf(tenantId, 2);

    expect(told.map(({ type, data }) => [type, data['plan'], data['version']]).sort()).toEqual([
      ['tenant.planChanged', 'free', 1],
      ['tenant.planChanged', 'pro', 2],
    ]);
    await eventually(async () => (await deliveriesOf(tenantId)).every(({ status }) => status === 'DELIVERED'), 60_000);
  }, 120_000);

  test('is told again, under the same id, until it has taken it', async () => {
    const { tenantId } = await anOrganisation(harness);
    await toldOf(tenantId, 1);
    refusals.set(tenantId, 2);

    await harness.deliver(createDomainEvent({ type: usageSummaryEventType, tenantId, payload: summary }));

    const told = (await toldOf(tenantId, 4)).filter(({ type }) => type === 'tenant.usageSummarised');
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told[0]?.data).toEqual({ tenantId, ...summary });
    await eventually(async () =>
      (await deliveriesOf(tenantId)).some(({ attempts, status }) => attempts === 3 && status === 'DELIVERED'),
    );
  }, 120_000);

  test('is told once of an event that comes twice', async () => {
    const { tenantId } = await anOrganisation(harness);
    const event = createDomainEvent({ type: usageSummaryEventType, tenantId, payload: summary });

    await harness.deliver(event);
    await harness.deliver(event);

    await toldOf(tenantId, 2);
    expect(await deliveriesOf(tenantId)).toHaveLength(2);
  }, 120_000);

  test('is told of a quota that is nearly used up', async () => {
    const { tenantId } = await anOrganisation(harness);
    const payload = { meter: 'STORAGE_BYTES', percent: 80, used: 8, limit: 10, period: null, resetsAt: null };

    await harness.deliver(createDomainEvent({ type: quotaWarningEventType, tenantId, payload }));

    const [warning] = (await toldOf(tenantId, 2)).filter(({ type }) => type === 'tenant.quotaWarning');
    expect(warning?.data).toEqual({ tenantId, ...payload });
  }, 120_000);

  test('asks for what tenants used', async () => {
    const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
    await jobs.start();
    await jobs.send('request-usage', {});

    await eventually(() => asked.length > 0, 60_000);
    await jobs.stop();
  }, 90_000);
});

test('deliveries are shown to who runs the platform alone, and by SQL to their tenant', async () => {
  const { tenantId, admin } = await anOrganisation(harness);
  const other = await anOrganisation(harness);
  await toldOf(tenantId, 1);
  const count = 'select count(*)::integer as count from billing_delivery where tenant_id = $1';
  const ask = '{ billingDeliveries { totalCount } }';

  expect(codeOf(await harness.request(admin, ask))).toBe('FORBIDDEN');
  expect((await harness.request(platformAdmin, ask)).data.billingDeliveries.totalCount).toBeGreaterThan(0);
  for (const session of [{}, { tenantId: other.tenantId }]) {
    expect(await queryAs(harness.databaseUrl, session, count, [tenantId])).toEqual([{ count: 0 }]);
    const change = 'update billing_delivery set attempts = attempts where tenant_id = $1 returning id';
    expect(await queryAs(harness.databaseUrl, session, change, [tenantId])).toEqual([]);
  }
}, 90_000);
