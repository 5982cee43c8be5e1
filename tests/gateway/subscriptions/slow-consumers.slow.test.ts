import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { someClaims } from '../../support/token-issuer.js';
import { openRawStream } from '../support/raw-stream.js';
import type { RawSocket } from '../support/raw-socket.js';
import { startTenantStreams, type TenantStreams } from '../support/tenant-streams.js';

let graph: TenantStreams;
const tenantId = randomUUID();
/** Together far more than what the system's own buffers hold. */
const [events, size] = [400, 64 * 1024];

beforeAll(async () => {
  graph = await startTenantStreams({ environment: { MAX_BUFFERED_EVENTS: '40' } });
});

afterAll(() => graph.close());

/** Resolves when so many subscriptions listen on so many streams of the subgraph. */
async function subscriptions(count: number, streams: number): Promise<void> {
  await eventually(async () => (await graph.metric('graphql_subscriptions_active')) === count);
  await graph.streams.untilStreams(streams);
}

async function subscribe(query: string): Promise<RawSocket> {
  const socket = await graph.signIn(someClaims({ tid: tenantId }));
  socket.send({ id: 'a', type: 'subscribe', payload: { query } });
  return socket;
}

const valueOf = ({ payload }: Awaited<ReturnType<RawSocket['next']>>): number =>
  Object.values((payload as { readonly data: Record<string, { readonly value: number }> }).data)[0]?.value ?? -1;

/** Publishes one event after the other, each when the quick reader has the one before. */
async function publishTo(reader: RawSocket): Promise<void> {
  for (let value = 1; value <= events; value += 1) {
    graph.ticks.publish({ value, size });
    expect(valueOf(await reader.next())).toBe(value);
    await turn();
  }
}

test('a client that stops reading values of which the latest counts gets the latest, and others get all', async () => {
  const query = 'subscription { state { value filling } }';
  const [slow, quick] = [await subscribe(query), await subscribe(query)];
  await subscriptions(2, 1);
  slow.socket.pause();

  await publishTo(quick);
  expect(await graph.metric('graphql_subscription_events_replaced_total')).toBeGreaterThan(100);
  slow.socket.resume();

  const seen: number[] = [];
  while (seen.at(-1) !== events) seen.push(valueOf(await slow.next()));
  expect(seen.length).toBeLessThan(events - 100);
  expect(seen).toEqual([...seen].sort((one, other) => one - other));
  expect(await graph.metric('graphql_subscription_fell_behind_total')).toBe(0);
  slow.socket.terminate();
  quick.socket.terminate();
  await subscriptions(0, 0);
}, 60_000);

test('a client that stops reading events of which none may be left out is closed with 4508, and others get all', async () => {
  const query = 'subscription { ofTenant { value filling } }';
  const [slow, quick] = [await subscribe(query), await subscribe(query)];
  await subscriptions(2, 1);
  slow.socket.pause();

  await publishTo(quick);
  expect(await graph.metric('graphql_subscription_fell_behind_total')).toBe(1);
  slow.socket.resume();

  expect(await slow.closed).toEqual({ code: 4508, reason: 'Too slow: events came faster than they were read' });
  quick.socket.terminate();
  await subscriptions(0, 0);
}, 60_000);

test('an event stream whose client stops reading is cut, and its subscription ends', async () => {
  const quick = await subscribe('subscription { ofTenant { value filling } }');
  const stream = await openRawStream(graph.url, {
    headers: { accept: 'text/event-stream' },
    body: { query: 'subscription { mine { value filling } }' },
  });
  await subscriptions(2, 2);
  stream.response.pause();

  await publishTo(quick);

  expect(await graph.metric('graphql_subscription_fell_behind_total')).toBe(2);
  await subscriptions(1, 1);
  stream.vanish();
  quick.socket.terminate();
  await subscriptions(0, 0);
}, 60_000);
