import { once } from 'node:events';
import { request } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** Sends the request for a stream, and leaves when so many turns of the process have passed. */
async function leaveAfter(turns: number): Promise<void> {
  const sent = request(running.url, {
    method: 'POST',
    agent: false,
    headers: { accept, 'content-type': 'application/json' },
  });
  // One that has to be planned yet: that takes some turns.
  const query = `subscription { alerts { status person { name after${turns}: name } } }`;
  sent.on('error', () => undefined).end(JSON.stringify({ query }));
  await once(sent, 'finish');
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  sent.destroy();
}

/** How many turns of the process it takes until a stream is open at the subgraph. */
async function turnsOfOpening(): Promise<number> {
  let turns = 0;
  const opening = open();
  for (; running.subgraphs.alerts.openStreams() === 0; turns += 1) await nextTurn();
  (await opening).vanish();
  await running.subgraphs.alerts.untilStreams(0);
  return turns;
}

test('a client that leaves while its stream is being opened leaves nothing behind, whenever that is', async () => {
  const turns = Math.max(20, 2 * (await turnsOfOpening()));

  for (let turn = 0; turn < turns; turn += 1) await leaveAfter(turn);

  // Where one were left, there would never be room for as many as may be.
  await eventually(async () => {
    const streams = await Promise.all(Array.from({ length: 5 }, open));
    for (const stream of streams) stream.vanish();
    return streams.every(({ response }) => response.statusCode === 200);
  });
  await running.subgraphs.alerts.untilStreams(0);
});

test('a client that stops reading is cut off, and its stream at the subgraph ends', async () => {
  const { alerts: subgraph, people, alertTopic } = running.subgraphs;
  const stream = await open();
  expect(stream.response.statusCode).toBe(200);
  await subgraph.untilStreams(1);
  stream.response.pause();

  let published = 0;
  const askedBefore = people.requests.length;
  // As fast as they can be completed, and no faster: else that would be why the stream ends.
  while (subgraph.openStreams() > 0) {
    for (let count = 0; count < 20; count += 1) {
      alertTopic.publish({ status: 'x'.repeat(50_000), userId: String((published += 1)) });
    }
    await eventually(() => subgraph.openStreams() === 0 || people.requests.length >= askedBefore + published);
  }

  stream.response.resume();
  expect(await stream.ended).toBe(false);
});
