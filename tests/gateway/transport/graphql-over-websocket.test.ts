import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({
    environment: {
      CONNECTION_INIT_TIMEOUT_MS: '300',
      MAX_BODY_BYTES: '5000',
      MAX_SUBSCRIPTIONS_PER_SOCKET: '3',
      REQUEST_TIMEOUT_MS: '2000',
    },
  });
});

afterAll(async () => {
  running.subgraphs.releaseSlow();
  await running.close();
});

describe('with the graphql-ws client', () => {
  test('queries, mutations and subscriptions are answered', async () => {
    const client = createClient({ url: running.socketUrl, webSocketImpl: WebSocket });
    const first = async (query: string, variables?: Record<string, unknown>) => {
      for await (const answer of client.iterate({ query, variables: variables ?? null })) return answer;
      return undefined;
    };

    expect(await first('{ openAlerts }')).toEqual({ data: { openAlerts: 3 } });
    expect(await first('mutation ($n: String!) { rename(id: "1", name: $n) { name } }', { n: 'New' })).toEqual({
      data: { rename: { name: 'New' } },
    });
    expect(await first('subscription { countTo(last: 2) }')).toEqual({ data: { countTo: 1 } });
    await client.dispose();
  });

  test('an operation that does not validate is answered with a coded error, and the socket lives on', async () => {
    const client = createClient({ url: running.socketUrl, webSocketImpl: WebSocket, lazy: false });
    const failure = await new Promise<unknown>((resolve) => {
      client.subscribe(
        { query: 'subscription { nothing }' },
        { next: () => undefined, error: resolve, complete: () => undefined },
      );
    });

    expect(failure).toMatchObject([
      { message: expect.any(String), extensions: { code: 'GRAPHQL_VALIDATION_FAILED', requestId: expect.any(String) } },
    ]);
    await client.dispose();
  });

  test('an answer with errors in its fields keeps their codes and paths', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();

    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ fails openAlerts }' } });

    expect(await socket.next()).toMatchObject({
      type: 'next',
      payload: {
        data: { fails: null, openAlerts: 3 },
        errors: [{ path: ['fails'], extensions: { code: 'NOT_FOUND' } }],
      },
    });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
    socket.socket.close();
  });
});

describe('disorder', () => {
  test.each([
    ['text that is no JSON', '{'],
    ['null', 'null'],
    ['a number', '1'],
    ['an array', '[]'],
    ['a message of an unknown type', '{"type":"start"}'],
    ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
    ['a subscription whose query is no text', '{"type":"subscribe","id":"1","payload":{"query":1}}'],
  ])('%s closes the socket with 4400', async (_name, text) => {
    const socket = await openRawSocket(running.socketUrl);

    socket.send(text);

    expect((await socket.closed).code).toBe(4400);
  });

  test('a binary message closes the socket with 4400', async () => {
    const socket = await openRawSocket(running.socketUrl);

    socket.socket.send(Buffer.from('{}'));

    expect((await socket.closed).code).toBe(4400);
  });

  test('an operation before the acknowledgement closes the socket with 4401', async () => {
    const socket = await openRawSocket(running.socketUrl);

    socket.send({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } });

    expect((await socket.closed).code).toBe(4401);
  });

  test('a second connection_init closes the socket with 4429', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();

    socket.send({ type: 'connection_init' });

    expect((await socket.closed).code).toBe(4429);
  });

  test('silence after the handshake closes the socket with 4408', async () => {
    const socket = await openRawSocket(running.socketUrl);

    expect((await socket.closed).code).toBe(4408);
  });

  test('an id that is in use closes the socket with 4409', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();

    for (let time = 0; time < 2; time += 1) {
      socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { alerts { status } }' } });
    }

    expect((await socket.closed).code).toBe(4409);
  });

  test('an id may be used again after its operation is complete', async () => {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();

    for (let time = 0; time < 2; time += 1) {
      socket.send({ id: '1', type: 'subscribe', payload: { query: '{ openAlerts }' } });
      expect((await socket.next()).type).toBe('next');
      expect((await socket.next()).type).toBe('complete');
    }
    socket.socket.close();
  });

  test('a message that is too large closes the socket with 1009', async () => {
    const socket = await openRawSocket(running.socketUrl);
    socket.socket.on('error', () => undefined);

    socket.send({ type: 'connection_init', payload: { padding: 'x'.repeat(10_000) } });

    expect((await socket.closed).code).toBe(1009);
  });
});

test('no more operations run on a socket than its limit', async () => {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  for (const id of ['1', '2', '3']) {
    socket.send({ id, type: 'subscribe', payload: { query: 'subscription { alerts { status } }' } });
  }

  socket.send({ id: '4', type: 'subscribe', payload: { query: '{ openAlerts }' } });

  expect(await socket.next()).toMatchObject({
    id: '4',
    type: 'error',
    payload: [{ extensions: { code: 'RATE_LIMITED' } }],
  });
  socket.socket.close();
});

test('pings of the protocol are answered', async () => {
  const socket = await openRawSocket(running.socketUrl);

  socket.send({ type: 'ping', payload: { a: 1 } });

  expect(await socket.next()).toEqual({ type: 'pong', payload: { a: 1 } });
  socket.socket.close();
});

test('an operation that outlives its deadline is answered with SUBGRAPH_TIMEOUT', async () => {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();

  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });

  expect(await socket.next()).toMatchObject({ payload: { errors: [{ extensions: { code: 'SUBGRAPH_TIMEOUT' } }] } });
  socket.socket.close();
});

test('a client that leaves ends the requests that were made for it', async () => {
  const before = running.subgraphs.people.requests.length;
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ slow }' } });
  await eventually(() => running.subgraphs.people.requests.length > before);

  socket.socket.terminate();

  await eventually(async () =>
    /subgraph_requests_total\{[^}]*outcome="aborted"[^}]*\} [1-9]/.test(await running.metrics()),
  );
});
