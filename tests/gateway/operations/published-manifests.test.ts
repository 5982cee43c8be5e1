import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { publishedManifestsPath } from '@tessera/service/operations';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { aUser, principalSecret, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { sha256 } from '../support/manifest-folder.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const names = 'query Names { people { name } }';
const ids = 'query Ids { people { id } }';
const count = 'query Count { openAlerts }';
const admin = { ...aUser(), roles: ['SUPER_ADMIN'] };

let analytics: SubgraphHarness;
let leftovers: Leftovers;
beforeAll(async () => {
  analytics = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);
afterAll(() => analytics.stop());
beforeEach(() => void (leftovers = createLeftovers()));
afterEach(() => leftovers.close());

const startGateway = async (environment: Readonly<Record<string, string>> = {}): Promise<RunningGateway> => {
  const { pubSub, eventBus } = analytics;
  const running = await startRunningGateway({
    adapters: { pubSub, eventBus },
    environment: {
      OPERATION_MANIFESTS_URL: `${analytics.url}${publishedManifestsPath}`,
      PRINCIPAL_SECRET: principalSecret,
      PERSISTED_OPERATIONS: 'id-only',
      ...environment,
    },
  });
  leftovers.defer('gateway', () => running.close());
  return running;
};

async function publish(clientName: string, clientVersion: string, manifest: unknown): Promise<void> {
  const { errors } = await analytics.request(
    admin,
    'mutation ($input: PublishOperationManifestInput!) { publishOperationManifest(input: $input) { id } }',
    { input: { clientName, clientVersion, manifest } },
  );
  expect(errors).toBeUndefined();
}

const withdraw = (clientName: string, clientVersion: string) =>
  analytics.request(
    admin,
    'mutation ($input: WithdrawOperationManifestInput!) { withdrawOperationManifest(input: $input) { id } }',
    { input: { clientName, clientVersion } },
  );

const as = (name: string, version = '1.0') => ({
  'apollographql-client-name': name,
  'apollographql-client-version': version,
});

test('what was published before a gateway starts runs from its first request; what is published later, at once', async () => {
  await publish('ios', '1.0', { [sha256(names)]: names });
  const running = await startGateway();
  const runs = async (text: string, client = 'ios') =>
    (await running.post({ documentId: sha256(text) }, as(client))).body.data !== undefined;

  expect(await runs(names)).toBe(true);
  expect(await runs(ids)).toBe(false);

  await publish('ios', '1.1', { [sha256(ids)]: ids });
  await eventually(() => runs(ids));
  expect(await runs(names)).toBe(true);
  expect(await runs(ids, 'web')).toBe(false);

  await withdraw('ios', '1.0');
  await eventually(async () => !(await runs(names)));
  expect(await runs(ids)).toBe(true);
});

test('an id that means one document in one version and another in the next means to each what it was built with', async () => {
  await publish('relay-app', '1.0', { '42': names });
  await publish('relay-app', '2.0', { '42': count });
  const running = await startGateway();
  const answerOf = async (version: string) =>
    (await running.post({ doc_id: '42' }, as('relay-app', version))).body.data;

  expect(Object.keys((await answerOf('1.0')) ?? {})).toEqual(['people']);
  expect(Object.keys((await answerOf('2.0')) ?? {})).toEqual(['openAlerts']);
});

test('the use of operations is reported to analytics, and counted by client and version', async () => {
  await publish('counted', '3.1', { [sha256(names)]: names });
  const running = await startGateway({ PERSISTED_OPERATIONS: 'report' });
  for (let time = 0; time < 3; time += 1) await running.post({ documentId: sha256(names) }, as('counted', '3.1'));
  await running.post({ query: count, operationName: 'Count' }, as('counted', '3.1'));

  expect(await running.metrics()).toMatch(
    /graphql_registered_operation_uses_total\{operation="Names",client="counted",version="3.1",service="gateway"\} 3\n/,
  );
  await running.close();

  const { data } = await analytics.request(
    admin,
    '{ operationUsage(clientName: "counted") { nodes { clientVersion operationId operationName isListed uses } } }',
  );
  expect(data.operationUsage.nodes).toEqual(
    [
      { clientVersion: '3.1', operationId: sha256(names), operationName: 'Names', isListed: true, uses: 3 },
      { clientVersion: '3.1', operationId: sha256(count), operationName: 'Count', isListed: false, uses: 1 },
    ].sort((left, right) => (left.operationId < right.operationId ? -1 : 1)),
  );
});

test('a gateway that cannot reach analytics says so, is not ready, and takes the list when it can', async () => {
  await publish('late', '1.0', { [sha256(names)]: names });
  const door = await openDoor();
  leftovers.defer('door', () => door.close());
  const running = await startGateway({ OPERATION_MANIFESTS_URL: `${door.url}${publishedManifestsPath}` });
  const ask = () =>
    running.post({ documentId: sha256(names) }, { ...as('late'), accept: 'application/graphql-response+json' });
  const isReady = async () => (await fetch(`${running.origin}/ready`)).status === 200;

  expect(await ask()).toMatchObject({ status: 502, code: 'SUBGRAPH_UNAVAILABLE' });
  expect(await isReady()).toBe(false);

  door.open();
  await eventually(async () => (await ask()).body.data !== undefined);
  expect(await isReady()).toBe(true);

  door.shut();
  await publish('late', '1.1', { [sha256(ids)]: ids });
  expect((await ask()).body.data).toBeDefined();
});

/** Stands before analytics and lets nobody through until it is opened. */
async function openDoor() {
  let isOpen = false;
  const server: Server = createServer((request, response) => {
    if (!isOpen) return void response.writeHead(503).end();
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
    fetch(`${analytics.url}${request.url}`, { headers: headers.filter(([name]) => name.startsWith('x-tessera')) }).then(
      async (answer) => response.writeHead(answer.status).end(await answer.text()),
      () => response.writeHead(502).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => void (isOpen = true),
    shut: () => void (isOpen = false),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
