import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import type { Principal } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, createAlertRule, track } from './analytics-client.js';

interface Result {
  readonly data?: { readonly alerts: { readonly status: string } };
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
  readonly extensions?: { readonly eventId: string };
}

const subscription = 'subscription { alerts { status } }';

let harness: SubgraphHarness;
const opened: AsyncIterableIterator<unknown>[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { ALERT_EVALUATION_INTERVAL_MS: '100' } });
}, 60_000);

afterAll(async () => {
  await Promise.all(opened.map((results) => results.return?.()));
  await harness.stop();
});

function watch(principal: Principal, lastEventId: string | null): AsyncIterableIterator<unknown> {
  const results = harness.subscribe(principal, subscription, {}, { lastEventId });
  opened.push(results);
  return results;
}

const nextOf = async (results: AsyncIterator<unknown>): Promise<Result> => (await results.next()).value as Result;

const told = (results: readonly Result[]) =>
  results.map(({ data, extensions }) => [extensions?.eventId, data?.alerts.status]);

/** An alert that is pending, and then fires. */
async function raiseAlert(admin: Principal): Promise<void> {
  const before = await countChanges(admin);
  await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 60, forSeconds: 0 });
  await track(harness, admin, [{}]);
  await eventually(async () => (await countChanges(admin)) === before + 2);
}

async function countChanges({ tenantId }: Principal): Promise<number> {
  const rows = await queryAs(
    harness.databaseUrl,
    { ...(tenantId !== undefined && { tenantId }) },
    'select count(*)::int as count from alert_change',
  );
  return (rows[0] as { readonly count: number }).count;
}

test('who asks where the changes stand is told first, then gets each change with its id', async () => {
  const { admin } = aTenant();
  const changes = watch(admin, null);

  expect(await nextOf(changes)).toEqual({ extensions: { eventId: '0' } });
  await raiseAlert(admin);
  expect(told([await nextOf(changes), await nextOf(changes)])).toEqual([
    ['1', 'PENDING'],
    ['2', 'FIRING'],
  ]);
});

test('who comes back with the id of an event gets all that came after it, and then what comes', async () => {
  const { tenantId, admin } = aTenant();
  await raiseAlert(admin);

  const changes = watch(aUser({ tenantId }), '1');

  expect(told([await nextOf(changes)])).toEqual([['2', 'FIRING']]);
  await raiseAlert(admin);
  expect(told([await nextOf(changes), await nextOf(changes)])).toEqual([
    ['3', 'PENDING'],
    ['4', 'FIRING'],
  ]);
});

test('an id of what has not happened is refused, and so is one that never could be', async () => {
  const { admin } = aTenant();
  const codesOf = async (lastEventId: string) => (await nextOf(watch(admin, lastEventId))).errors?.[0]?.extensions.code;

  expect(await codesOf('7')).toBe('PRECONDITION_FAILED');
  expect(await codesOf('seven')).toBe('BAD_USER_INPUT');
});

test('a query over a socket leaves no transaction open behind it', async () => {
  const { admin } = aTenant();

  for (let count = 0; count < 3; count += 1) {
    const results = harness.subscribe(admin, '{ alerts { totalCount } }');
    expect(await nextOf(results)).toEqual({ data: { alerts: { totalCount: 0 } } });
    await results.return?.();
  }

  // The evaluation of rules has transactions of its own, which end by themselves.
  await eventually(async () => {
    const waiting = await queryAs(
      harness.databaseUrl,
      {},
      `select 1 from pg_stat_activity where usename = current_user and state = 'idle in transaction'
       and pid <> pg_backend_pid()`,
    );
    return waiting.length === 0;
  });
});
