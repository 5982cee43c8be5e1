import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { watchStream, type StreamWatcher } from '../../support/stream-watcher.js';
import { range, startNumberedStreams, type NumberedStreams } from '../support/numbered-streams.js';

const query = 'subscription { changes { number } }';
const patienceMs = 60_000;

const leftovers = createLeftovers();
const byEventStream: StreamWatcher[] = [];
const bySocket: StreamWatcher[] = [];
let graph: NumberedStreams;
let published = 0;

const everybody = (): readonly StreamWatcher[] => [...byEventStream, ...bySocket];

/** Each has got events that were published later than now. */
async function someMore(): Promise<void> {
  const before = published;
  await eventually(() => everybody().every(({ ids }) => (ids.at(-1) ?? 0) > before), patienceMs);
}

beforeAll(async () => {
  graph = await startNumberedStreams({ DRAIN_DELAY_MS: '2000' });
  leftovers.defer('graph', () => graph.close());
}, 60_000);

afterAll(() => leftovers.close(), 60_000);

test('clients by event streams and by sockets see each event once while two gateways are restarted in turn', async () => {
  const gateways = [graph.gateway, await graph.startGateway()];
  const ports = gateways.map(({ port }) => port);
  let turn = 0;
  const nextOrigin = (): string => `http://127.0.0.1:${ports[(turn += 1) % ports.length]}`;
  for (let count = 0; count < 40; count += 1) {
    byEventStream.push(watchStream({ query, nextOrigin, transport: 'event stream' }));
    bySocket.push(watchStream({ query, nextOrigin }));
  }
  leftovers.defer('watchers', () => Promise.all(everybody().map((watcher) => watcher.close())));
  await Promise.all(everybody().map(({ beginning }) => beginning));
  const publishing = setInterval(() => graph.changes.publish({ number: (published += 1) }), 100);
  leftovers.defer('publishing', () => clearInterval(publishing));
  await someMore();

  for (const [index, port] of ports.entries()) {
    await gateways[index]?.stop();
    await someMore();
    gateways[index] = await graph.startGateway(port);
  }
  clearInterval(publishing);
  await eventually(() => everybody().every(({ ids }) => ids.at(-1) === published), patienceMs);

  for (const watchers of [byEventStream, bySocket]) {
    const seen = new Set(watchers.map(({ ids }) => ids.join()));
    expect([...seen]).toEqual([range(1, published).join()]);
    expect(watchers.reduce((sum, watcher) => sum + watcher.losses(), 0)).toBeGreaterThanOrEqual(watchers.length / 2);
  }
}, 300_000);
