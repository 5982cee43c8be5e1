import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { openRawSocket, type RawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
});

afterAll(async () => {
  await running.close();
});

const alertsWithPeople = 'subscription { alerts { status person { name } } }';

async function subscribe(query: string): Promise<RawSocket> {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  return socket;
}

test('events carry fields of other subgraphs, in the order in which they were sent', async () => {
  const socket = await subscribe(alertsWithPeople);
  await running.subgraphs.alerts.untilStreams(1);

  for (const userId of ['a', 'b', 'c']) running.subgraphs.alertTopic.publish({ status: 'FIRING', userId });

  for (const userId of ['a', 'b', 'c']) {
    expect(await socket.next()).toEqual({
      id: '1',
      type: 'next',
      payload: { data: { alerts: { status: 'FIRING', person: { name: `Name of ${userId}` } } } },
    });
  }
  socket.socket.close();
  await running.subgraphs.alerts.untilStreams(0);
});

test('a stream that its subgraph completes is completed to the client', async () => {
  const client = createClient({ url: running.socketUrl, webSocketImpl: WebSocket });
  const counts: unknown[] = [];

  for await (const { data } of client.iterate({ query: 'subscription { countTo(last: 3) }' })) counts.push(data);

  expect(counts).toEqual([{ countTo: 1 }, { countTo: 2 }, { countTo: 3 }]);
  await client.dispose();
});

test('a stream that its subgraph refuses ends with the subgraph’s code', async () => {
  running.subgraphs.alerts.refuseStreams(new GraphQLError('Not for you', { extensions: { code: 'FORBIDDEN' } }));
  const socket = await subscribe(alertsWithPeople);

  expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] });
  running.subgraphs.alerts.refuseStreams(undefined);
  socket.socket.close();
});

test('a field that cannot be subscribed to is answered once, with its error, and completed', async () => {
  const socket = await subscribe('subscription { refused }');

  expect(await socket.next()).toMatchObject({
    type: 'next',
    payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
  });
  expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  socket.socket.close();
});

test('variables that do not fit are refused before any stream is opened', async () => {
  const before = running.subgraphs.alerts.connections.length;
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();

  socket.send({
    id: '1',
    type: 'subscribe',
    payload: { query: 'subscription ($last: Int!) { countTo(last: $last) }', variables: { last: 'x' } },
  });

  expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  expect(running.subgraphs.alerts.connections.length).toBe(before);
  socket.socket.close();
});

test('completing a subscription closes its stream at the subgraph at once, though no event comes', async () => {
  const socket = await subscribe(alertsWithPeople);
  await running.subgraphs.alerts.untilStreams(1);

  socket.send({ id: '1', type: 'complete' });

  await running.subgraphs.alerts.untilStreams(0);
  socket.send({ id: '2', type: 'subscribe', payload: { query: '{ openAlerts }' } });
  expect(await socket.next()).toMatchObject({ id: '2', type: 'next' });
  socket.socket.close();
});

test('a client that is cut off leaves no stream behind', async () => {
  const socket = await subscribe(alertsWithPeople);
  await running.subgraphs.alerts.untilStreams(1);

  socket.socket.terminate();

  await running.subgraphs.alerts.untilStreams(0);
});

test('open subscriptions are counted', async () => {
  const socket = await subscribe(alertsWithPeople);
  await running.subgraphs.alerts.untilStreams(1);
  expect(await running.metrics()).toMatch(/graphql_subscriptions_active\{[^}]*\} 1/);

  socket.socket.close();

  await eventually(async () => /graphql_subscriptions_active\{[^}]*\} 0/.test(await running.metrics()));
});

test('a stream that was cut is opened again, and the client does not notice', async () => {
  const socket = await subscribe(alertsWithPeople);
  await running.subgraphs.alerts.untilStreams(1);

  running.subgraphs.alerts.cutSockets();
  await running.subgraphs.alerts.untilStreams(0);
  await running.subgraphs.alerts.untilStreams(1);
  running.subgraphs.alertTopic.publish({ status: 'RESOLVED', userId: 'd' });

  expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { alerts: { status: 'RESOLVED' } } } });
  socket.socket.close();
});

test('an event whose other subgraph fails is sent with what there is, and an error at the right path', async () => {
  const failing = await startRunningGateway();
  try {
    const socket = await openRawSocket(failing.socketUrl);
    await socket.initialise();
    socket.send({
      id: '1',
      type: 'subscribe',
      payload: { query: 'subscription { alerts { status person { id name } } }' },
    });
    await failing.subgraphs.alerts.untilStreams(1);
    await failing.subgraphs.people.close();

    failing.subgraphs.alertTopic.publish({ status: 'FIRING', userId: 'x' });

    expect(await socket.next()).toMatchObject({
      type: 'next',
      payload: { errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' }, path: expect.arrayContaining(['alerts']) }] },
    });
    socket.socket.close();
  } finally {
    await failing.close();
  }
});

test('a subgraph that stays away ends its subscriptions with SUBGRAPH_UNAVAILABLE', async () => {
  const failing = await startRunningGateway();
  try {
    await failing.subgraphs.alerts.close();
    const socket = await openRawSocket(failing.socketUrl);
    await socket.initialise();

    socket.send({ id: '1', type: 'subscribe', payload: { query: alertsWithPeople } });

    expect(await socket.next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
    socket.socket.close();
  } finally {
    await failing.close();
  }
}, 20_000);

test('events that come faster than they can be completed end the subscription, and it is told so', async () => {
  const small = await startRunningGateway({ environment: { MAX_BUFFERED_EVENTS: '5' } });
  try {
    const socket = await openRawSocket(small.socketUrl);
    await socket.initialise();
    socket.send({ id: '1', type: 'subscribe', payload: { query: alertsWithPeople } });
    await small.subgraphs.alerts.untilStreams(1);
    const seen: string[] = [];

    for (let index = 0; index < 500; index += 1)
      small.subgraphs.alertTopic.publish({ status: 'S', userId: `${index}` });
    while (!seen.includes('error')) {
      const message = await socket.next();
      seen.push(message.type);
      if (message.type === 'error') expect(message.payload).toMatchObject([{ extensions: { code: 'OVERLOADED' } }]);
    }

    await small.subgraphs.alerts.untilStreams(0);
    socket.socket.close();
  } finally {
    await small.close();
  }
});
