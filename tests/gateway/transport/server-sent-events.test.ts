import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-sse';
import { eventually } from '../../support/eventually.js';
import { openRawStream } from '../support/raw-stream.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const accept = 'text/event-stream';
const alerts = { query: 'subscription { alerts { status person { name } } }' };

let running: RunningGateway;

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

beforeAll(async () => {
  running = await startRunningGateway({
    environment: {
      MAX_SUBSCRIPTIONS_PER_SOCKET: '3',
      DEDUPLICATE_SUBSCRIPTIONS: 'false',
      CONNECTION_INIT_TIMEOUT_MS: '1500',
    },
  });
});

afterAll(() => running.close());

describe('with the graphql-sse client, a connection for each operation', () => {
  test('queries, mutations and subscriptions are answered', async () => {
    const client = createClient({ url: running.url, retryAttempts: 0 });
    const all = (query: string) => collect(client.iterate({ query }));

    expect(await all('{ openAlerts }')).toEqual([{ data: { openAlerts: 3 } }]);
    expect(await all('mutation { rename(id: "1", name: "New") { name } }')).toEqual([
      { data: { rename: { name: 'New' } } },
    ]);
    expect(await all('subscription { countTo(last: 2) }')).toEqual([
      { data: { countTo: 1 } },
      { data: { countTo: 2 } },
    ]);
    client.dispose();
  });

  test('events are completed by other subgraphs, and a client that leaves ends the stream at the subgraph', async () => {
    const client = createClient({ url: running.url, retryAttempts: 0 });
    const events = client.iterate(alerts);
    const first = events.next();
    await running.subgraphs.alerts.untilStreams(1);

    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });

    expect((await first).value).toEqual({ data: { alerts: { status: 'FIRING', person: { name: 'Name of 7' } } } });
    await events.return?.();
    await running.subgraphs.alerts.untilStreams(0);
  });

  test('what does not validate, and what a subgraph refuses, is told by an event', async () => {
    const client = createClient({ url: running.url, retryAttempts: 0 });
    const all = (query: string) => collect(client.iterate({ query }));

    expect(await all('subscription { nothing }')).toMatchObject([
      { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    ]);
    expect(await all('subscription { refused }')).toMatchObject([{ errors: [{ extensions: { code: 'FORBIDDEN' } }] }]);
    client.dispose();
  });
});

describe('with the graphql-sse client, one connection for all operations', () => {
  test('operations of all kinds run side by side, and one that is left ends at its subgraph', async () => {
    const client = createClient({ url: running.url, singleConnection: true, retryAttempts: 0 });
    const events = client.iterate(alerts);
    const first = events.next();
    await running.subgraphs.alerts.untilStreams(1);

    const counted = await collect(client.iterate({ query: 'subscription { countTo(last: 2) }' }));
    const renamed = await collect(client.iterate({ query: 'mutation { rename(id: "1", name: "New") { name } }' }));
    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });

    expect(counted).toEqual([{ data: { countTo: 1 } }, { data: { countTo: 2 } }]);
    expect(renamed).toEqual([{ data: { rename: { name: 'New' } } }]);
    expect((await first).value).toMatchObject({ data: { alerts: { status: 'FIRING' } } });
    await events.return?.();
    await running.subgraphs.alerts.untilStreams(0);
    client.dispose();
  });
});

describe('a single connection', () => {
  const put = () => openRawStream(running.url, { method: 'PUT' });
  const tokenHeader = (token: string) => ({ 'x-graphql-event-stream-token': token });
  const begin = (token: string, query: string, operationId?: string) =>
    running.post({ query, extensions: { operationId } }, tokenHeader(token));

  async function reserve(): Promise<string> {
    const reservation = await put();
    await reservation.ended;
    expect(reservation.response.statusCode).toBe(201);
    return reservation.text();
  }

  test('is opened by a browser with its token in the address, once', async () => {
    const token = await reserve();
    const open = () => openRawStream(`${running.url}?token=${token}`, { method: 'GET', headers: { accept } });

    const stream = await open();
    const second = await open();

    expect([stream.response.statusCode, second.response.statusCode]).toEqual([200, 409]);
    stream.vanish();
    second.vanish();
  });

  test('takes each operationId once at a time, and as many operations as its limit', async () => {
    const token = await reserve();
    const stream = await openRawStream(running.url, { method: 'GET', headers: { accept, ...tokenHeader(token) } });

    const statuses = [];
    for (const id of ['1', '1', '2', '3', '4', undefined]) statuses.push((await begin(token, alerts.query, id)).status);
    const stopped = await running.send({
      method: 'DELETE',
      search: '?operationId=1',
      headers: tokenHeader(token),
    });
    await running.subgraphs.alerts.untilStreams(2);

    expect(statuses).toEqual([202, 409, 202, 202, 429, 400]);
    expect(stopped.status).toBe(200);
    expect((await begin(token, alerts.query, '1')).status).toBe(202);
    stream.vanish();
    await running.subgraphs.alerts.untilStreams(0);
  });

  test('answers by the request what never became an operation', async () => {
    const token = await reserve();

    expect(await begin(token, '{ nothing }', '1')).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
    expect((await begin('another', '{ openAlerts }', '1')).status).toBe(404);
    expect((await running.send({ method: 'DELETE', search: '?operationId=1' })).status).toBe(404);
    expect(await begin(token, '{ openAlerts }', '1')).toMatchObject({ status: 202 });
  });

  test('that is reserved and not opened in time is forgotten', async () => {
    const token = await reserve();

    await eventually(async () => (await begin(token, '{ openAlerts }', '1')).status === 404);
  });
});

describe('on the wire', () => {
  test('each event has its name, completion has a data field for browsers, and the answer ends', async () => {
    const stream = await openRawStream(running.url, {
      headers: { accept },
      body: { query: 'subscription { countTo(last: 1) }' },
    });

    expect(await stream.ended).toBe(true);
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.text().replaceAll(/^:\n\n/gm, '')).toBe(
      'event: next\ndata: {"data":{"countTo":1}}\n\nevent: complete\ndata:\n\n',
    );
  });

  test('GET carries a subscription, as the EventSource of browsers sends it', async () => {
    const search = new URLSearchParams({ query: 'subscription { countTo(last: 1) }' });
    const stream = await openRawStream(`${running.url}?${search}`, { method: 'GET', headers: { accept } });

    expect(await stream.untilText('event: complete')).toContain('{"countTo":1}');
  });

  test('GET carries no mutation', async () => {
    const search = new URLSearchParams({ query: 'mutation { rename(id: "1", name: "n") { id } }' });
    const stream = await openRawStream(`${running.url}?${search}`, { method: 'GET', headers: { accept } });

    expect(stream.response.statusCode).toBe(405);
    stream.vanish();
  });

  test('a stream without events shows that it lives', async () => {
    // No more often: who takes nothing for two heartbeats is taken for dead, and a busy machine stands still for long.
    const beating = await startRunningGateway({ environment: { SOCKET_PING_INTERVAL_MS: '2000' } });
    const stream = await openRawStream(beating.url, { headers: { accept }, body: alerts });

    await stream.untilText(':\n\n:\n\n').finally(() => beating.close());
  });

  test('what is wrong with the request itself keeps its status', async () => {
    const stream = await openRawStream(running.url, {
      headers: { accept, 'content-type': 'text/plain' },
      body: alerts,
    });

    expect(stream.response.statusCode).toBe(415);
    stream.vanish();
  });

  test('a client that accepts JSON as gladly gets its one answer as JSON', async () => {
    const answer = await running.post({ query: '{ openAlerts }' }, { accept: 'text/event-stream, application/json' });

    expect(answer.headers.get('content-type')).toContain('application/json');
  });
});
