import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { describeWithRedis } from '../../support/redis-server.js';
import { someClaims } from '../../support/token-issuer.js';
import { startEventGraphOverRedis, type EventGraphOverRedis } from '../support/event-graph-over-redis.js';

describeWithRedis('events that somebody else writes to Redis', () => {
  let over: EventGraphOverRedis;
  let client: EventGraphOverRedis['client'];
  let graph: EventGraphOverRedis['graph'];
  beforeAll(async () => {
    over = await startEventGraphOverRedis();
    ({ client, graph } = over);
  });
  afterAll(() => over.close());

  test('PUBLISH reaches who subscribed to a channel', async () => {
    const claims = someClaims({ tid: randomUUID() });
    const socket = await graph.signIn(claims);
    const query = 'subscription { orderChanged(id: "1") { status buyer { name } } }';
    socket.send({ id: 'a', type: 'subscribe', payload: { query } });
    const channel = `tessera:channel:live:orders.${claims.tid}.1`;
    await eventually(async () => (await client.publish(channel, '{"id":"1"}')) === 1);

    expect((await socket.next()).payload).toEqual({
      data: { orderChanged: { status: 'paid', buyer: { name: 'Name of buyer of 1' } } },
    });
  });

  test('XADD reaches who follows a stream, and what is no JSON reaches nobody', async () => {
    const claims = someClaims();
    const socket = await graph.signIn(claims);
    socket.send({ id: 'a', type: 'subscribe', payload: { query: 'subscription { noteChanged { text } }' } });
    const received = socket.next();
    let isReceived = false;
    void received.then(() => (isReceived = true));

    // It is followed from some moment on that nobody announces.
    await eventually(async () => {
      await client.xadd(`tessera:{live}:notes.${claims.sub}`, '*', 'event', '{no JSON');
      await client.xadd(`tessera:{live}:notes.${claims.sub}`, '*', 'event', '{"id":"n","text":"hello"}');
      return isReceived;
    });

    expect((await received).payload).toMatchObject({ data: { noteChanged: { text: 'hello' } } });
  });

  test('how late an event of a stream is counts from its being appended', async () => {
    const claims = someClaims();
    const stream = `tessera:{live}:notes.${claims.sub}`;
    const socket = await graph.signIn(claims);
    const payload = { query: 'subscription { noteChanged { text } }', extensions: { lastEventId: null } };
    const before = (await graph.metric('graphql_subscription_lag_seconds_sum')) || 0;
    socket.send({ id: 'a', type: 'subscribe', payload });
    await socket.next();

    const appendedAtMs = Date.now();
    await pause(300);
    await client.xadd(stream, `${appendedAtMs}-0`, 'event', '{"id":"n","text":"late"}');

    expect((await socket.next()).payload).toMatchObject({ data: { noteChanged: { text: 'late' } } });
    expect((await graph.metric('graphql_subscription_lag_seconds_sum')) - before).toBeGreaterThan(0.25);
  });
});
