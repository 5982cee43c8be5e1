import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { newId, withClient, withDatabase } from '@tessera/service/database';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import type { Principal } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, callsOf, createAlertRule, track } from './analytics-client.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { ALERT_EVALUATION_INTERVAL_MS: '20' } });
}, 60_000);

afterAll(() => harness.stop());

const sql = (text: string, ...values: readonly unknown[]) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) => client.query(text, [...values]));

const firing = async (admin: Principal): Promise<number> => {
  const answer = await harness.request(admin, '{ alerts(status: FIRING) { totalCount } }');
  return answer.data.alerts.totalCount as number;
};

/** Fires an alert on events of a name that no other rule looks at. */
async function raiseAlert(admin: Principal, eventName: string): Promise<void> {
  const before = await firing(admin);
  await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 3_600, eventName });
  await track(harness, admin, [{ name: eventName }]);
  await eventually(async () => (await firing(admin)) > before, 60_000);
}

/** Whoever reads a row of a table does this first, where the row is the tenant's. */
async function trouble(table: string, tenantId: string, statement: string): Promise<() => Promise<unknown>> {
  const name = `trouble_${tenantId.replaceAll('-', '')}`;
  await sql(`create function ${name}(uuid) returns boolean language plpgsql as
    $body$ begin if $1 = '${tenantId}' then ${statement}; end if; return true; end $body$`);
  await sql(`create policy ${name} on ${table} as restrictive for select using (${name}(tenant_id))`);
  return () => sql(`drop policy ${name} on ${table}`);
}

test('tenants whose rules take too long or cannot be read hurt themselves alone, until they are well again', async () => {
  const [slow, broken, well] = [aTenant(), aTenant(), aTenant()];
  for (const { tenantId, admin } of [slow, broken]) {
    await harness.deliver(callsOf(tenantId, 7));
    await createAlertRule(harness, admin, { measure: 'REQUESTS_PER_SECOND', threshold: 9, windowSeconds: 3_600 });
  }
  const heals = [
    await trouble('usage_sample', slow.tenantId, 'perform pg_sleep(60)'),
    await trouble('usage_sample', broken.tenantId, `perform 'no number'::float8`),
  ];

  // More than once: tenants that failed must not fail their group again.
  for (const eventName of ['one', 'two', 'three']) await raiseAlert(well.admin, eventName);

  await createAlertRule(harness, slow.admin, { measure: 'REQUESTS_PER_SECOND', threshold: 0, windowSeconds: 3_600 });
  await createAlertRule(harness, broken.admin, { measure: 'REQUESTS_PER_SECOND', threshold: 0, windowSeconds: 3_600 });
  expect([await firing(slow.admin), await firing(broken.admin)]).toEqual([0, 0]);
  for (const heal of heals) await heal();
  await eventually(async () => (await firing(slow.admin)) + (await firing(broken.admin)) === 2, 60_000);
}, 240_000);

test('a tenant with many rules, each with a window of its own over an hour of reports, hears of its latencies', async () => {
  const { tenantId, admin } = aTenant();
  const latencyCounts = [...usageLatencyBoundsMs, Infinity].map((boundMs) => (boundMs === 1_000 ? 5 : 0));
  const counts = { gatewayId: 'gateway-1', windowMs: 1_000, requests: 5, errors: 0, latencyCounts };
  await sql(
    `insert into usage_sample (tenant_id, id, reported_at, report)
     select $1, gen_random_uuid(), now() - make_interval(secs => age), $2 from generate_series(0, 3599) as age`,
    ...[tenantId, JSON.stringify({ ...counts, activeConnections: 1, userIds: [] })],
  );
  await sql(
    `insert into alert_rule (id, tenant_id, name, measure, operator, threshold, window_seconds, for_seconds, enabled,
       revision, created_at, updated_at)
     select gen_random_uuid(), $1, 'Slow', 'LATENCY_P95_MS', 'GREATER_THAN', 900, 3600 - position, 0, true, 1, now(), now()
     from generate_series(0, 19) as position`,
    tenantId,
  );

  await eventually(async () => (await firing(admin)) === 20, 60_000);
}, 120_000);

test('what no rule looks at any more is deleted, though rules cannot be evaluated', async () => {
  const { tenantId, admin } = aTenant();
  await createAlertRule(harness, admin);
  const heal = await trouble('alert_rule', tenantId, `raise exception 'no rule can be read'`);
  await sql(
    `insert into usage_sample (tenant_id, id, reported_at, report) values ($1, $2, now() - interval '3 hours', '{}')`,
    ...[tenantId, newId()],
  );

  const old = () => sql(`select from usage_sample where tenant_id = $1`, tenantId);
  await eventually(async () => (await old()).rowCount === 0, 60_000);

  await heal();
}, 120_000);
