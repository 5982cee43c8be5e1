import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createDomainEvent } from '@tessera/service/events';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import { eventually } from '../../support/eventually.js';
import { answerAlike } from '../../support/same-work.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { queryAs } from '../../support/sql-session.js';
import { aTenant, codeOf, createAlertRule, track } from './analytics-client.js';

const tables = [
  'event',
  'event_second',
  'usage_day',
  'active_user',
  'member_day',
  'usage_sample',
  'alert_rule',
  'alert',
  'alert_change',
  'alert_sequence',
  'tenant_limits',
  'quota_warning',
];

const a = aTenant();
const b = aTenant();

let harness: SubgraphHarness;
let ruleId: string;
let alertId: string;

/** Tenant A has a row in every table. */
beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { ALERT_EVALUATION_INTERVAL_MS: '100' } });
  await track(harness, a.admin, [{}]);
  const latencyCounts = [...usageLatencyBoundsMs, Infinity].map(() => 0);
  const usage = { gatewayId: 'gateway-1', windowMs: 1_000, requests: 1, errors: 0, latencyCounts };
  const payload = { ...usage, activeConnections: 0, userIds: [a.admin.userId], userCalls: [[a.admin.userId, 3]] };
  const limits = { apiCallsPerMonth: 1, activeUsersPerMonth: null, eventsPerMonth: null, storageBytes: null };
  await harness.deliver(
    createDomainEvent({
      type: 'tenant.limitsChanged',
      tenantId: a.tenantId,
      payload: { version: 1, plan: 'small', limits },
    }),
  );
  await harness.deliver(createDomainEvent({ type: 'usage.reported', tenantId: a.tenantId, payload }));
  ruleId = await createAlertRule(harness, a.admin, { threshold: 0, windowSeconds: 3_600 });
  await eventually(async () => {
    const answer = await harness.request(a.admin, '{ alerts { nodes { id } } }');
    alertId = answer.data.alerts.nodes[0]?.id as string;
    return alertId !== undefined;
  });
}, 60_000);

afterAll(() => harness.stop());

const sql = (tenantId: string | undefined, statement: string, parameters: readonly unknown[] = []) =>
  queryAs(harness.databaseUrl, tenantId === undefined ? {} : { tenantId }, statement, parameters);

describe('isolation through GraphQL', () => {
  test.each([
    ['an alert', () => `{ alert(id: "${alertId}") { id } }`],
    ['a rule', () => `{ alertRule(id: "${ruleId}") { id } }`],
    ['deleting a rule', () => `mutation { deleteAlertRule(id: "${ruleId}") { id } }`],
    ['changing a rule', () => `mutation { updateAlertRule(input: { id: "${ruleId}", threshold: 9 }) { id } }`],
    ['an id that is none', () => '{ alert(id: "x") { id } }'],
  ])('%s of another tenant is not found', async (_case, operation) => {
    const answer = await harness.request(b.admin, operation());

    expect(codeOf(answer)).toBe('NOT_FOUND');
  });

  test.each([
    ['an alert', 'query ($id: ID!) { alert(id: $id) { id rule { id } } }', () => alertId],
    ['a rule', 'query ($id: ID!) { alertRule(id: $id) { id } }', () => ruleId],
    ['deleting a rule', 'mutation ($id: ID!) { deleteAlertRule(id: $id) { id } }', () => ruleId],
    [
      'changing a rule',
      'mutation ($id: ID!) { updateAlertRule(input: { id: $id, threshold: 9 }) { id } }',
      () => ruleId,
    ],
  ])('%s of another tenant costs what one costs that is nobody’s', async (_case, query, theirs) => {
    expect(codeOf(await answerAlike(harness, b.admin, query, theirs()))).toBe('NOT_FOUND');
  });

  test('lists and entities of another tenant are empty', async () => {
    const entities = `_entities(representations: [{ __typename: "Alert", id: "${alertId}" },
      { __typename: "AlertRule", id: "${ruleId}" }]) { __typename }`;

    const answer = await harness.request(b.admin, `{ alerts { totalCount } alertRules { totalCount } ${entities} }`);

    expect(answer.data).toEqual({ alerts: { totalCount: 0 }, alertRules: { totalCount: 0 }, _entities: [null, null] });
  });

  test('the own tenant still finds them, unchanged', async () => {
    const answer = await harness.request(
      a.admin,
      `{ alert(id: "${alertId}") { rule { id threshold } tenant { id } } alertRule(id: "${ruleId}") { threshold } }`,
    );

    const rule = { id: ruleId, threshold: 0 };
    expect(answer.data).toEqual({ alert: { rule, tenant: { id: a.tenantId } }, alertRule: { threshold: 0 } });
  });
});

describe('isolation by SQL as the service’s own role', () => {
  test.each(tables)('%s shows its rows to their tenant alone', async (table) => {
    const count = `select count(*)::integer as count from ${table}`;

    const [own, foreign, nobody] = [
      await sql(a.tenantId, count),
      await sql(b.tenantId, count),
      await sql(undefined, count),
    ];

    expect(own[0]?.['count']).toBeGreaterThan(0);
    expect([foreign, nobody]).toEqual([[{ count: 0 }], [{ count: 0 }]]);
  });

  test.each(tables)('%s cannot be changed, deleted or filled for another tenant', async (table) => {
    for (const tenantId of [b.tenantId, undefined]) {
      expect(await sql(tenantId, `delete from ${table} returning 1`)).toEqual([]);
      expect(await sql(tenantId, `update ${table} set tenant_id = tenant_id returning 1`)).toEqual([]);
      const copy = `insert into ${table} select (jsonb_populate_record(null::${table}, $1::jsonb)).*`;
      const row = { tenant_id: a.tenantId, id: alertId, day: '2000-01-01', month: '2000-01-01' };
      await expect(sql(tenantId, copy, [JSON.stringify(row)])).rejects.toThrow(/row-level security/);
    }
  });

  test('who evaluates is for the service alone to see', async () => {
    expect(await sql(a.tenantId, 'select * from alert_evaluator')).toEqual([]);
  });
});
