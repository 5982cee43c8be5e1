import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { sha256 } from '../support/manifest-folder.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const admin = { ...aUser(), roles: ['SUPER_ADMIN'] };

let analytics: SubgraphHarness;
let leftovers: Leftovers;
beforeAll(async () => {
  analytics = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);
afterAll(() => analytics.stop());
beforeEach(() => void (leftovers = createLeftovers()));
afterEach(() => leftovers.close());

async function startGateway(environment: Readonly<Record<string, string>> = {}): Promise<RunningGateway> {
  const { eventBus } = analytics;
  const running = await startRunningGateway({
    adapters: { eventBus },
    environment: { FIELD_USAGE: 'true', ...environment },
  });
  leftovers.defer('gateway', () => running.close());
  return running;
}

const as = (name: string, version = '1.0') => ({
  'apollographql-client-name': name,
  'apollographql-client-version': version,
});

/** What analytics knows of a client. @param client its name */
async function usageOf(client: string) {
  const { data } = await analytics.request(
    admin,
    'query ($client: String) { fieldUsage(clientName: $client, first: 100) { nodes { clientVersion operationName coordinates uses } } }',
    { client },
  );
  return data.fieldUsage.nodes;
}

test('whatever transport an operation comes by, analytics knows who used which fields', async () => {
  const running = await startGateway();
  const query = 'query Names { people { name } }';
  await running.post({ query }, as('every'));
  await running.send({
    search: `?query=${encodeURIComponent(query)}`,
    headers: { ...as('every'), 'apollo-require-preflight': 'yes' },
  });
  const client = createClient({
    url: running.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { 'x-client-name': 'every', 'x-client-version': '1.0' },
  });
  const events: unknown[] = [];
  for await (const event of client.iterate({ query: 'subscription Count { countTo(last: 3) }' })) events.push(event);
  for await (const event of client.iterate({ query })) events.push(event);
  await client.dispose();
  await running.close();

  expect(await usageOf('every')).toEqual(
    expect.arrayContaining([
      {
        clientVersion: '1.0',
        operationName: 'Names',
        coordinates: ['Query', 'Query.people', 'Person', 'Person.name'],
        uses: 3,
      },
      {
        clientVersion: '1.0',
        operationName: 'Count',
        coordinates: ['Subscription', 'Subscription.countTo', 'Subscription.countTo(last:)'],
        uses: 1,
      },
    ]),
  );
});

test('what is refused is no use', async () => {
  const running = await startGateway();
  await running.post({ query: '{ people { nonsense } }' }, as('refused'));
  await running.post({ query: '{ people {' }, as('refused'));
  await running.post({ query: 'query A { people { id } } query B { openAlerts }' }, as('refused'));
  await running.close();

  expect(await usageOf('refused')).toEqual([]);
});

test('persisted queries count as their text does', async () => {
  const running = await startGateway();
  const query = 'query Persisted { people { id } }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
  await running.post({ extensions }, as('apq'));
  await running.post({ query, extensions }, as('apq'));
  await running.post({ extensions }, as('apq'));
  await running.close();

  expect(await usageOf('apq')).toMatchObject([{ operationName: 'Persisted', uses: 2 }]);
});

test('reports go while the gateway runs, and without analytics no request fails', async () => {
  const { promise: reported, resolve } = Promise.withResolvers<void>();
  let isAway = true;
  const running = await startRunningGateway({
    environment: { FIELD_USAGE: 'true', FIELD_USAGE_INTERVAL_MS: '10' },
    adapters: {
      eventBus: {
        ...analytics.eventBus,
        async publish(events) {
          if (isAway) {
            isAway = false;
            throw new Error('analytics is away');
          }
          await analytics.eventBus.publish(events);
          if (events.some(({ type }) => type === 'fields.used')) resolve();
        },
      },
    },
  });
  leftovers.defer('gateway', () => running.close());

  expect((await running.post({ query: '{ openAlerts }' }, as('patient'))).status).toBe(200);
  await reported;

  expect(await usageOf('patient')).toMatchObject([{ uses: 1 }]);
});

test('a gateway that authenticates nobody tells nobody, unless it is told to', async () => {
  const types: string[] = [];
  const running = await startRunningGateway({
    adapters: {
      eventBus: {
        ...analytics.eventBus,
        publish: async (events) => void types.push(...events.map(({ type }) => type)),
      },
    },
  });
  await running.post({ query: '{ openAlerts }' });
  await running.close();

  expect(types).not.toContain('fields.used');
});
