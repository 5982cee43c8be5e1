import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { newId, withDatabase } from '@tessera/service/database';
import { createJobs } from '@tessera/service/jobs';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { runSql } from '../../support/postgres-server.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

const [tenantId, heldTenantId] = [newId(), newId()];
const leftovers = createLeftovers();
let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { HISTORY_DAYS: '30' } });
}, 60_000);

afterAll(async () => {
  await leftovers.close();
  await harness.stop();
});

const sql = (...statements: readonly string[]) =>
  runSql(withDatabase(harness.adminUrl, 'tessera_analytics'), ...statements);

const ago = (days: number): string => `now() - interval '${days} days'`;

/** An event, an alert with its changes, and somebody who was active, so many days ago. */
async function leaveHistory(tenant: string, days: number): Promise<void> {
  const [event, rule, alert] = [newId(), newId(), newId()];
  await sql(
    `insert into event (tenant_id, id, message_id, name, properties, occurred_at, received_at)
     values ('${tenant}', '${event}', '${event}', 'seen', '{}', ${ago(days)}, ${ago(days)})`,
    `insert into alert_rule (id, tenant_id, name, measure, operator, threshold, window_seconds, for_seconds, enabled,
       revision, created_at, updated_at)
     values ('${rule}', '${tenant}', 'Rule', 'EVENTS_PER_SECOND', 'GREATER_THAN', 1, 60, 0, false, 1, now(), now())`,
    `insert into alert (id, tenant_id, rule_id, status, value, threshold, started_at, ended_at)
     values ('${alert}', '${tenant}', '${rule}', 'RESOLVED', 2, 1, ${ago(days)}, ${ago(days)})`,
    ...['FIRING', 'RESOLVED'].map(
      (status, index) => `insert into alert_change
       (tenant_id, sequence, alert_id, rule_id, status, value, threshold, started_at, ended_at, changed_at)
       values ('${tenant}', ${days * 10 + index}, '${alert}', '${rule}', '${status}', 2, 1, ${ago(days)}, null, ${ago(days)})`,
    ),
    `insert into active_user (tenant_id, month, user_id) values ('${tenant}', ${ago(days)}, '${newId()}')`,
  );
}

/** What is left of a tenant: events, alerts, changes of alerts, people who were active. */
async function left(tenant: string): Promise<readonly number[]> {
  const tables = ['event', 'alert', 'alert_change', 'active_user'];
  const rows = tables.map((table) => sql(`select 1 from ${table} where tenant_id = '${tenant}'`));
  return (await Promise.all(rows)).map(({ length }) => length);
}

test('what happened long ago is forgotten, what happened lately and what is on legal hold is not', async () => {
  for (const tenant of [tenantId, heldTenantId]) {
    await leaveHistory(tenant, 31);
    await leaveHistory(tenant, 29);
  }
  await sql(
    `insert into held_subject (kind, subject_id, is_held, changed_at) values ('tenant', '${heldTenantId}', true, now())`,
  );
  const jobs = createJobs({ connectionString: harness.databaseUrl, logger: quietLogger(), lifecycle: leftovers });
  await jobs.start();

  await jobs.send('forget-history', {});

  await eventually(async () => (await left(tenantId)).join() === '1,1,2,1', 60_000);
  expect(await left(heldTenantId)).toEqual([2, 2, 4, 2]);
}, 120_000);
