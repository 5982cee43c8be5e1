import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, withClient, withDatabase } from '@tessera/service/database';
import { createWebhookSecret, signWebhook } from '@tessera/service/webhooks';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { eventually } from '../../support/eventually.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, invitationSecret, type Organisation } from './organisation.js';

const secret = createWebhookSecret();
let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: invitationSecret,
      MAIL_URL: 'console:',
      PAYMENT_PROVIDER: 'local',
      PAYMENT_WEBHOOK_SECRET: secret,
    },
  });
}, 120_000);

afterAll(() => harness.stop(), 60_000);

const checkoutMutation = `mutation ($input: CheckoutInput!) {
  checkout(input: $input) { payment { id plan price { amount currency } status } url }
}`;

async function stateOf({ admin }: Organisation): Promise<{ plan: string; days: number | null; payments: string[] }> {
  const { data } = await harness.request(admin, '{ tenant { plan planEndsAt } payments { nodes { status } } }');
  const { plan, planEndsAt } = data.tenant;
  return {
    plan,
    days: planEndsAt === null ? null : Math.round((Date.parse(planEndsAt) - Date.now()) / 86_400_000),
    payments: data.payments.nodes.map(({ status }: { status: string }) => status),
  };
}

const sql = (text: string, values: readonly unknown[]) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) => client.query(text, [...values]));

/** A payment of which the provider has said nothing yet. */
async function aPayment({ tenantId, admin }: Organisation): Promise<string> {
  const id = newId();
  await sql(
    `insert into payment (id, tenant_id, plan, amount, currency, status, provider, requested_by, created_at)
     values ($1, $2, 'pro', 4900, 'USD', 'PENDING', 'local', $3, now())`,
    [id, tenantId, admin.userId],
  );
  return id;
}

interface Notice {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the provider sends. */
function notice(paymentId: string, more: object = {}, by = { secret, nowMs: Date.now() }): Notice {
  const body = JSON.stringify({ paymentId, status: 'SUCCEEDED', amount: 4900, currency: 'USD', ...more });
  return { body, headers: { ...signWebhook({ id: newId(), body, secrets: [by.secret], nowMs: by.nowMs }) } };
}

async function send({ body, headers }: Notice): Promise<number> {
  const response = await fetch(`${harness.url}/payments/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(20_000),
  });
  return response.status;
}

describe('a month of a plan', () => {
  test('is bought, and given when the provider says that it is paid', async () => {
    const organisation = await anOrganisation(harness);

    const answer = await harness.request(organisation.admin, checkoutMutation, { input: { plan: 'pro' } });

    expect(answer.data.checkout).toEqual({
      payment: { id: expect.any(String), plan: 'pro', price: { amount: 4900, currency: 'USD' }, status: 'PENDING' },
      url: null,
    });
    await eventually(async () => (await stateOf(organisation)).plan === 'pro', 30_000);
    expect(await stateOf(organisation)).toEqual({ plan: 'pro', days: 30, payments: ['SUCCEEDED'] });
  }, 60_000);

  test('is bought once by ten requests with one key', async () => {
    const organisation = await anOrganisation(harness);
    const input = { plan: 'pro', idempotencyKey: 'order-1' };

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => harness.request(organisation.admin, checkoutMutation, { input })),
    );
    const other = await harness.request(organisation.admin, checkoutMutation, {
      input: { ...input, plan: 'enterprise' },
    });

    expect(new Set(answers.map(({ data }) => data.checkout.payment.id)).size).toBe(1);
    expect(codeOf(other)).toBe('CONFLICT');
    await eventually(async () => (await stateOf(organisation)).plan === 'pro', 30_000);
    expect(await stateOf(organisation)).toEqual({ plan: 'pro', days: 30, payments: ['SUCCEEDED'] });
  }, 60_000);

  test('is bought by administrators alone, and only where it has a price', async () => {
    const { tenantId, admin } = await anOrganisation(harness);
    const buy = (caller: Parameters<SubgraphHarness['request']>[0], plan: string) =>
      harness.request(caller, checkoutMutation, { input: { plan } });

    expect(codeOf(await buy(aUser({ tenantId }), 'pro'))).toBe('FORBIDDEN');
    expect(codeOf(await buy(admin, 'free'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await buy(admin, 'huge'))).toBe('BAD_USER_INPUT');
  });
});

describe('what the provider says', () => {
  test('changes nothing where it is not the provider’s: unsigned, altered, of another secret, old', async () => {
    const organisation = await anOrganisation(harness);
    const id = await aPayment(organisation);
    const honest = notice(id);

    const statuses = [
      await send({ ...honest, headers: {} }),
      await send({ ...honest, body: honest.body.replace('USD', 'EUR') }),
      await send(notice(id, {}, { secret: createWebhookSecret(), nowMs: Date.now() })),
      await send(notice(id, {}, { secret, nowMs: Date.now() - 600_000 })),
    ];

    expect(statuses).toEqual([401, 401, 401, 401]);
    expect(await stateOf(organisation)).toEqual({ plan: 'free', days: null, payments: ['PENDING'] });
  });

  test('counts once, however often it comes', async () => {
    const organisation = await anOrganisation(harness);
    const id = await aPayment(organisation);
    const paid = notice(id);

    const statuses = await Promise.all([...Array.from({ length: 10 }, () => paid), notice(id), notice(id)].map(send));

    expect(new Set(statuses)).toEqual(new Set([204]));
    expect(await stateOf(organisation)).toEqual({ plan: 'pro', days: 30, payments: ['SUCCEEDED'] });
  });

  test('changes no plan where it has failed, and is not taken back later', async () => {
    const organisation = await anOrganisation(harness);
    const id = await aPayment(organisation);

    const statuses = [await send(notice(id, { status: 'FAILED' })), await send(notice(id))];

    expect(statuses).toEqual([204, 204]);
    expect(await stateOf(organisation)).toEqual({ plan: 'free', days: null, payments: ['FAILED'] });
  });

  test('is refused for another sum, for a payment that nobody began, and where it is no notice', async () => {
    const organisation = await anOrganisation(harness);
    const id = await aPayment(organisation);

    const statuses = [
      await send(notice(id, { amount: 1 })),
      await send(notice(id, { currency: 'JPY' })),
      await send(notice(newId())),
      await send(notice('no-id')),
    ];

    expect(statuses).toEqual([400, 400, 404, 400]);
    expect(await stateOf(organisation)).toEqual({ plan: 'free', days: null, payments: ['PENDING'] });
  });
});

test('payments are their tenant’s alone, through GraphQL and by SQL as the service’s own role', async () => {
  const [owner, other] = [await anOrganisation(harness), await anOrganisation(harness)];
  await aPayment(owner);
  const count = 'select count(*)::integer as count from payment where tenant_id = $1';

  expect((await stateOf(other)).payments).toEqual([]);
  expect(await queryAs(harness.databaseUrl, { tenantId: owner.tenantId }, count, [owner.tenantId])).toEqual([
    { count: 1 },
  ]);
  for (const session of [{}, { tenantId: other.tenantId }]) {
    expect(await queryAs(harness.databaseUrl, session, count, [owner.tenantId])).toEqual([{ count: 0 }]);
    const change = 'update payment set plan = plan where tenant_id = $1 returning id';
    expect(await queryAs(harness.databaseUrl, session, change, [owner.tenantId])).toEqual([]);
  }
});
