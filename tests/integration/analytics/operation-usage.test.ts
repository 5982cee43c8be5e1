import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createDomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { operationUsesEventType, type OperationUse } from '@tessera/service/operations';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { codeOf } from './analytics-client.js';

const admin: Principal = { ...aUser(), roles: ['SUPER_ADMIN'] };

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);
afterAll(() => harness.stop());

const aUse = (use: Partial<OperationUse> = {}): OperationUse => ({
  clientName: 'ios',
  clientVersion: '1.0',
  operationId: 'a',
  operationName: 'Names',
  isListed: true,
  uses: 1,
  ...use,
});
const report = (...uses: readonly OperationUse[]) =>
  createDomainEvent({ type: operationUsesEventType, payload: { uses: [...uses] } });
const usageOf = (variables: string) =>
  harness.request(
    admin,
    `{ operationUsage(${variables}) { totalCount pageInfo { hasNextPage endCursor } nodes { clientName clientVersion operationId operationName isListed uses } } }`,
  );

test('reports of all gateways add up, by client, version and operation', async () => {
  await harness.deliver(report(aUse({ uses: 3 }), aUse({ operationId: 'b', operationName: 'Ids' })));
  await harness.deliver(report(aUse({ uses: 4 }), aUse({ clientVersion: '1.1' })));

  const { data } = await usageOf('clientName: "ios"');

  expect(data.operationUsage.nodes).toEqual([
    aUse({ uses: 7 }),
    aUse({ operationId: 'b', operationName: 'Ids' }),
    aUse({ clientVersion: '1.1' }),
  ]);
  expect(data.operationUsage.totalCount).toBe(3);
});

test('the time of the last use is told', async () => {
  const startedAtMs = Date.now();
  await harness.deliver(report(aUse({ clientName: 'timed' })));

  const { data } = await harness.request(admin, '{ operationUsage(clientName: "timed") { nodes { lastUsedAt } } }');

  const lastUsedAtMs = Date.parse(data.operationUsage.nodes[0].lastUsedAt);
  expect(Math.abs(lastUsedAtMs - startedAtMs)).toBeLessThan(60_000);
});

test('a report that is delivered twice counts once', async () => {
  const event = report(aUse({ clientName: 'twice', uses: 5 }));

  await harness.deliver(event);
  await harness.deliver(event);

  expect((await usageOf('clientName: "twice"')).data.operationUsage.nodes).toEqual([
    aUse({ clientName: 'twice', uses: 5 }),
  ]);
});

test('what is not registered can be asked for alone, so that a team sees when it may tighten', async () => {
  const unlisted = aUse({ clientName: 'web', operationId: 'f'.repeat(64), operationName: 'Old', isListed: false });
  await harness.deliver(report(aUse({ clientName: 'web' }), unlisted));

  expect((await usageOf('clientName: "web", isListed: false')).data.operationUsage.nodes).toEqual([unlisted]);
  expect((await usageOf('clientName: "web", isListed: true')).data.operationUsage.totalCount).toBe(1);
  expect((await usageOf('clientName: "web", clientVersion: "2"')).data.operationUsage.nodes).toEqual([]);
});

test('pages follow one another without gap or repetition', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  await harness.deliver(
    report(
      ...names.flatMap((operationId) => [
        aUse({ clientName: 'pages', operationId }),
        aUse({ clientName: 'pages', operationId, isListed: false }),
      ]),
    ),
  );
  const seen: string[] = [];
  let after = '';
  for (let page = 0; page < 5; page += 1) {
    const { data } = await usageOf(`clientName: "pages", first: 3${after}`);
    const { nodes, pageInfo } = data.operationUsage;
    seen.push(...nodes.map(({ operationId, isListed }: OperationUse) => `${operationId} ${isListed}`));
    if (pageInfo.hasNextPage !== true) break;
    after = `, after: "${pageInfo.endCursor}"`;
  }

  expect(seen).toEqual(names.flatMap((name) => [`${name} false`, `${name} true`]));
});

test('a report that is not valid is left out and does not hold up the next', async () => {
  await harness.deliver(createDomainEvent({ type: operationUsesEventType, payload: { uses: 'many' } }));
  await harness.deliver(report(aUse({ clientName: 'next' })));

  expect((await usageOf('clientName: "next"')).data.operationUsage.totalCount).toBe(1);
});

test.each(['days: 0', 'days: 401', 'first: 101', 'after: "nonsense"', 'after: "W10"'])(
  '%s is refused',
  async (argument) => {
    expect(codeOf(await usageOf(argument))).toBe('BAD_USER_INPUT');
  },
);
