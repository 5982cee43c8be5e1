import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createDomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { fieldUsesEventType, type FieldUse } from '@tessera/service/operations';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

const admin: Principal = { ...aUser(), roles: ['SUPER_ADMIN'] };
const environment = { FIELD_USAGE_MAX_OPERATIONS: '3', FIELD_USAGE_MAX_DAILY_ROWS: '6' };

let harness: SubgraphHarness;
beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment });
}, 60_000);
afterAll(() => harness.stop());

/** Each client uses an operation of its own name, which needs a field of that name. */
const useOf = (...clients: readonly string[]) => {
  const operations = clients.map((name) => ({
    key: name,
    operationId: name,
    operationName: name,
    coordinates: [`T.${name}`],
  }));
  const uses: FieldUse[] = clients.map((name) => ({ key: name, clientName: name, clientVersion: '1', uses: 1 }));
  return harness.deliver(createDomainEvent({ type: fieldUsesEventType, payload: { operations, uses } }));
};
const usersOf = async (coordinate: string) => {
  const { data } = await harness.request(
    admin,
    'query ($coordinates: [String!]) { fieldUsage(coordinates: $coordinates) { nodes { clientName operationName uses } } }',
    { coordinates: [coordinate] },
  );
  return data.fieldUsage.nodes;
};

test('of too many operations it is still told who needs what, and of too many clients that somebody does', async () => {
  await useOf('a', 'b', 'c');
  await useOf('d');
  await useOf('e', 'b');

  expect(await usersOf('T.b')).toEqual([{ clientName: 'b', operationName: 'b', uses: 2 }]);
  expect(await usersOf('T.d')).toEqual([
    { clientName: 'd', operationName: 'other', uses: 1 },
    { clientName: 'e', operationName: 'other', uses: 1 },
  ]);

  await useOf('f', 'a', 'b', 'c');

  expect(await usersOf('T.f')).toContainEqual({ clientName: 'other', operationName: 'other', uses: 1 });
  expect(await usersOf('T.a')).toEqual([
    { clientName: 'a', operationName: 'a', uses: 1 },
    { clientName: 'other', operationName: 'a', uses: 1 },
  ]);
});
