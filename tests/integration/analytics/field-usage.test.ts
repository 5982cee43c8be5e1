import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { fieldUsesEventType, type FieldUse, type UsedOperation } from '@tessera/service/operations';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, codeOf } from './analytics-client.js';

const admin: Principal = { ...aUser(), roles: ['SUPER_ADMIN'] };

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);
afterAll(() => harness.stop());

const anOperation = (operation: Partial<UsedOperation> = {}): UsedOperation => ({
  key: 'names',
  operationId: 'a'.repeat(64),
  operationName: 'Names',
  coordinates: ['Query', 'Query.me', 'User', 'User.name'],
  ...operation,
});
const aUse = (use: Partial<FieldUse> = {}): FieldUse => ({
  key: 'names',
  clientName: 'ios',
  clientVersion: '1.0',
  uses: 1,
  ...use,
});
const report = (operations: readonly UsedOperation[], ...uses: readonly FieldUse[]): DomainEvent =>
  createDomainEvent({ type: fieldUsesEventType, payload: { operations: [...operations], uses: [...uses] } });
const usageOf = (variables: string) =>
  harness.request(
    admin,
    `{ fieldUsage(${variables}) { totalCount pageInfo { hasNextPage endCursor }
       nodes { clientName clientVersion operationId operationName coordinates uses } } }`,
  );

test('reports of all gateways add up, by client, version and operation, with what each needs', async () => {
  await harness.deliver(report([anOperation()], aUse({ uses: 3 })));
  await harness.deliver(report([], aUse({ uses: 4 }), aUse({ clientVersion: '1.1' })));

  const { data } = await usageOf('clientName: "ios"');

  const { operationId, operationName, coordinates } = anOperation();
  const names = { clientName: 'ios', operationId, operationName, coordinates };
  expect(data.fieldUsage).toMatchObject({
    totalCount: 2,
    nodes: [
      { ...names, clientVersion: '1.0', uses: 7 },
      { ...names, clientVersion: '1.1', uses: 1 },
    ],
  });
});

test('who uses a field is told, and of several coordinates who needs all', async () => {
  const needs = (key: string, ...coordinates: string[]) => anOperation({ key, operationName: key, coordinates });
  await harness.deliver(
    report(
      [needs('both', 'T.a', 'T.b'), needs('first', 'T.a')],
      aUse({ key: 'both', clientName: 'web' }),
      aUse({ key: 'first', clientName: 'tv' }),
    ),
  );
  const usersOf = async (coordinates: string): Promise<string[]> => {
    const { data } = await usageOf(`coordinates: ${coordinates}`);
    return data.fieldUsage.nodes.map(({ clientName }: FieldUse) => clientName);
  };

  expect(await usersOf('["T.a"]')).toEqual(['tv', 'web']);
  expect(await usersOf('["T.a", "T.b"]')).toEqual(['web']);
  expect(await usersOf('["T.c"]')).toEqual([]);
});

test('a report that is delivered twice counts once', async () => {
  const event = report([anOperation()], aUse({ clientName: 'twice', uses: 5 }));

  await harness.deliver(event);
  await harness.deliver(event);

  expect((await usageOf('clientName: "twice"')).data.fieldUsage.nodes).toMatchObject([{ uses: 5 }]);
});

test('a use may come before its operation is described', async () => {
  await harness.deliver(report([], aUse({ key: 'late', clientName: 'early' })));
  expect((await usageOf('clientName: "early"')).data.fieldUsage.nodes).toMatchObject([
    { operationName: 'unknown', coordinates: [] },
  ]);

  await harness.deliver(report([anOperation({ key: 'late', coordinates: ['Late.field'] })], aUse({ key: 'late' })));

  expect((await usageOf('clientName: "early", coordinates: ["Late.field"]')).data.fieldUsage.nodes).toMatchObject([
    { operationName: 'Names', uses: 1 },
  ]);
});

test('a use counts on the day that its report was made', async () => {
  const event = report([anOperation()], aUse({ clientName: 'then' }));
  const fiveDaysAgo = new Date(Date.now() - 5 * 24 * 60 * 60 * 1_000).toISOString();
  await harness.deliver({ ...event, occurredAt: fiveDaysAgo });

  expect((await usageOf('clientName: "then", days: 3')).data.fieldUsage.totalCount).toBe(0);
  expect((await usageOf('clientName: "then", days: 30')).data.fieldUsage.totalCount).toBe(1);
});

test('what is older than FIELD_USAGE_DAYS is removed, operations too that nobody uses any more', async () => {
  const event = report([anOperation({ key: 'gone' })], aUse({ key: 'gone', clientName: 'gone' }));
  await harness.deliver({ ...event, occurredAt: new Date(Date.now() - 100 * 24 * 60 * 60 * 1_000).toISOString() });
  const left = await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), async (client) => {
    await client.query(`update used_operation set described_at = now() - interval '100 days' where key = 'gone'`);
    await harness.deliver(report([], aUse({ clientName: 'after' })));
    const { rows } = await client.query(
      `select (select count(*)::integer from field_use_day where client_name = 'gone') as uses,
              (select count(*)::integer from used_operation where key = 'gone') as operations`,
    );
    return rows;
  });

  expect(left).toEqual([{ uses: 0, operations: 0 }]);
});

test('pages follow one another without gap or repetition', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  await harness.deliver(
    report(
      keys.map((key) => anOperation({ key, operationName: key })),
      ...keys.map((key) => aUse({ key, clientName: 'pages' })),
    ),
  );
  const seen: string[] = [];
  let after = '';
  for (let page = 0; page < 4; page += 1) {
    const { data } = await usageOf(`clientName: "pages", first: 3${after}`);
    const { nodes, pageInfo } = data.fieldUsage;
    seen.push(...nodes.map(({ operationName }: UsedOperation) => operationName));
    if (pageInfo.hasNextPage !== true) break;
    after = `, after: "${pageInfo.endCursor}"`;
  }

  expect(seen).toEqual(keys);
});

test('a report that is not valid is left out and does not hold up the next', async () => {
  await harness.deliver(createDomainEvent({ type: fieldUsesEventType, payload: { uses: 'many' } }));
  await harness.deliver(report([], aUse({ clientName: 'next' })));

  expect((await usageOf('clientName: "next"')).data.fieldUsage.totalCount).toBe(1);
});

test('only who runs the platform may ask', async () => {
  const query = '{ fieldUsage { totalCount } }';

  expect(codeOf(await harness.request(aTenant().admin, query))).toBe('FORBIDDEN');
});

test.each(['days: 0', 'days: 401', 'first: 101', 'coordinates: []', 'after: "nonsense"', 'after: "W10"'])(
  '%s is refused',
  async (argument) => {
    expect(codeOf(await usageOf(argument))).toBe('BAD_USER_INPUT');
  },
);
