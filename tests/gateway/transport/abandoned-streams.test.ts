import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { openRawStream } from '../support/raw-stream.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const accept = 'text/event-stream';
const alerts = { query: 'subscription { alerts { status person { name } } }' };

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({
    environment: { MAX_LIVE_CONNECTIONS: '5', DEDUPLICATE_SUBSCRIPTIONS: 'false' },
  });
});

afterAll(() => running.close());

const open = () => openRawStream(running.url, { headers: { accept }, body: alerts });

test('no more streams are held than the limit, and room comes back with who leaves', async () => {
  const streams = await Promise.all(Array.from({ length: 5 }, open));

  const refused = await open();

  expect(refused.response.statusCode).toBe(503);
  for (const stream of [...streams, refused]) stream.vanish();
  await eventually(async () => {
    const stream = await open();
    stream.vanish();
    return stream.response.statusCode === 200;
  });
  await running.subgraphs.alerts.untilStreams(0);
});

test('a client that leaves while its stream is being opened leaves nothing behind', async () => {
  for (let turns = 0; turns < 20; turns += 1) {
    const sent = request(running.url, {
      method: 'POST',
      agent: false,
      headers: { accept, 'content-type': 'application/json' },
    });
    sent.on('error', () => undefined).end(JSON.stringify(alerts));
    await once(sent, 'finish');
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    sent.destroy();
  }

  await running.subgraphs.alerts.untilStreams(0);
  const streams = await Promise.all(Array.from({ length: 5 }, open));
  expect(streams.map(({ response }) => response.statusCode)).toEqual([200, 200, 200, 200, 200]);
  for (const stream of streams) stream.vanish();
  await running.subgraphs.alerts.untilStreams(0);
});

test('a client that stops reading is cut off, and its stream at the subgraph ends', async () => {
  const stream = await open();
  expect(stream.response.statusCode).toBe(200);
  await running.subgraphs.alerts.untilStreams(1);
  stream.response.pause();

  const flood = setInterval(() => {
    for (let count = 0; count < 20; count += 1) {
      running.subgraphs.alertTopic.publish({ status: 'x'.repeat(50_000), userId: '1' });
    }
  }, 5);
  try {
    await running.subgraphs.alerts.untilStreams(0);
  } finally {
    clearInterval(flood);
  }
  stream.vanish();
});
