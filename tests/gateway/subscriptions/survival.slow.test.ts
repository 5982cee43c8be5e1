import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { createEventLog } from '../../support/event-log.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { createTopic, startStreamingSubgraph, type StreamingSubgraph } from '../../support/streaming-subgraph.js';
import { watchStream, type StreamWatcher } from '../../support/stream-watcher.js';
import { changeTypes, moreTypes, range, startChanges, type Change } from '../support/numbered-streams.js';

const clients = 1_000;
/** Where a dozen suites share two cores, a thousand clients take minutes to come back. */
const patienceMs = 300_000;
/** Nothing more is published while somebody is so far behind: else a busy machine is kept ever busier by what it has to repeat. */
const maxBehind = 25;

const leftovers = createLeftovers();
const changes = createEventLog<Change>();
const ticks = createTopic<Change>();
const instances: StreamingSubgraph[] = [];
const gateways: Gateway[] = [];
let more: StreamingSubgraph;
const query = 'subscription { changes { number square } }';
let watchers: readonly StreamWatcher[] = [];
let published = 0;

function supergraph(moreFields: string): string {
  const [first] = instances;
  return composeSubgraphs([
    { name: 'streams', url: first?.url ?? '', typeDefs: changeTypes('kind: String note: String') },
    { name: 'more', url: more.url, typeDefs: moreTypes(moreFields) },
  ]);
}

function startGateway(port: number): Promise<Gateway> {
  return createGateway({
    config: loadGatewayConfig({
      PORT: String(port),
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '2000',
      RATE_LIMITS: 'none',
      PLAN_TIMEOUT_MS: '10000',
    }),
    supergraphSdl: supergraph(''),
    subgraphUrls: new Map([['streams', instances.map(({ url }) => url)]]),
    logger: quietLogger(),
  });
}

/** Each client has got the next ones. */
async function someMore(): Promise<void> {
  const before = published;
  await eventually(() => watchers.every(({ ids }) => (ids.at(-1) ?? 0) > before), patienceMs);
}

beforeAll(async () => {
  leftovers.defer('instances', () => Promise.all(instances.map((instance) => instance.close())));
  for (let count = 0; count < 2; count += 1) instances.push(await startChanges(changes, ticks));
  more = await startStreamingSubgraph({
    typeDefs: moreTypes(''),
    resolvers: {
      Change: { __resolveReference: (change: object) => change, square: ({ number }: Change) => number * number },
    },
  });
  leftovers.defer('more', () => more.close());
  leftovers.defer('gateways', () => Promise.all(gateways.map((gateway) => gateway.stop())));
  for (let count = 0; count < 2; count += 1) gateways.push(await startGateway(0));
  const ports = gateways.map(({ port }) => port);
  let turn = 0;
  const nextOrigin = (): string => `http://127.0.0.1:${ports[(turn += 1) % ports.length]}`;
  watchers = Array.from({ length: clients }, () => watchStream({ query, nextOrigin }));
  leftovers.defer('watchers', () => Promise.all(watchers.map((watcher) => watcher.close())));
  await Promise.all(watchers.map(({ beginning }) => beginning));
}, 600_000);

afterAll(() => leftovers.close(), 60_000);

test(`${clients} clients see every event exactly once, whatever is reloaded, restarted or killed meanwhile`, async () => {
  const publish = (): void => {
    const last = Math.min(...watchers.map(({ ids }) => ids.at(-1) ?? 0));
    if (published - last < maxBehind) changes.publish({ number: (published += 1) });
  };
  const publishing = setInterval(publish, 200);
  leftovers.defer('publishing', () => clearInterval(publishing));
  await someMore();

  for (const gateway of gateways) await gateway.offerSupergraph(supergraph('extra: Int'));
  await someMore();
  expect(watchers.reduce((losses, watcher) => losses + watcher.losses(), 0)).toBe(0);

  for (const [index, { port }] of instances.entries()) {
    // As a process that is killed leaves its peers: connections are gone without a word.
    await instances[index]?.close();
    await someMore();
    instances[index] = await startChanges(changes, ticks, port);
  }
  expect(watchers.reduce((losses, watcher) => losses + watcher.losses(), 0)).toBe(0);

  for (const [index, { port }] of gateways.entries()) {
    await gateways[index]?.stop();
    await someMore();
    gateways[index] = await startGateway(port);
  }
  await someMore();

  clearInterval(publishing);
  await eventually(() => watchers.every(({ ids }) => ids.at(-1) === published), patienceMs);
  const seen = new Set(watchers.map(({ ids }) => ids.join()));
  expect([...seen]).toEqual([range(1, published).join()]);
  expect(watchers.reduce((losses, watcher) => losses + watcher.losses(), 0)).toBeGreaterThanOrEqual(clients);
}, 1_800_000);
