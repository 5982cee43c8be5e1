import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { usageRequestEventType, usageSummaryEventType } from '@tessera/service/quotas';
import { eventually } from '../../support/eventually.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, callsOf, codeOf, track } from './analytics-client.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 120_000);

afterAll(() => harness.stop(), 60_000);

test('history has a row for each day, and is the tenant’s own', async () => {
  const { tenantId, admin } = aTenant();
  await track(harness, admin, [{}, {}]);
  await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) =>
    client.query(
      `insert into usage_day (tenant_id, day, slot, api_calls)
       select $1, (now() at time zone 'UTC')::date - 2, slot, calls from (values (0, 3), (1, 4)) as used (slot, calls)`,
      [tenantId],
    ),
  );
  const historyQuery = `query ($id: ID!, $days: Int!) { _entities(representations: [{ __typename: "Tenant", id: $id }]) {
    ... on Tenant { usageHistory(days: $days) { day apiCalls apiErrors events } }
  } }`;
  const ask = (caller: Principal, days: number) => harness.request(caller, historyQuery, { id: tenantId, days });

  const own = await ask(admin, 3);

  const history: { apiCalls: number; events: number }[] = own.data._entities[0].usageHistory;
  expect(history.map(({ apiCalls, events }) => [apiCalls, events])).toEqual([
    [0, 2],
    [0, 0],
    [7, 0],
  ]);
  expect((await ask(aTenant().admin, 3)).data._entities).toEqual([{ usageHistory: null }]);
  expect(codeOf(await ask(admin, 401))).toBe('BAD_USER_INPUT');
});

test('who bills is told of each tenant once a question', async () => {
  const { tenantId, admin } = aTenant();
  await harness.deliver(callsOf(tenantId, 7, [admin.userId]));
  await track(harness, admin, [{}, {}]);
  const summaries: DomainEvent[] = [];
  harness.eventBus.subscribe({
    consumer: 'billing',
    types: [usageSummaryEventType],
    handle: async (event) => void summaries.push(event),
  });
  const later = () => new Date(Date.now() + 3_600_000);
  const question = createDomainEvent({ type: usageRequestEventType, payload: {} }, later);

  await harness.deliver(question);
  await harness.deliver(question);

  const own = () => summaries.filter((event) => event.tenantId === tenantId);
  await eventually(() => own().length > 0, 20_000);
  expect(own().map(({ payload }) => payload)).toEqual([
    {
      ...{ day: new Date().toISOString().slice(0, 10), isFinal: false },
      ...{ apiCalls: 7, apiErrors: 0, events: 2, activeUsersOfMonth: 1 },
    },
  ]);
});
