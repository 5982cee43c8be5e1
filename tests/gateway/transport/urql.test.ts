import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, fetchExchange, subscriptionExchange, type OperationResult } from '@urql/core';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const alerts = 'subscription { alerts { status person { name } } }';

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
});

afterAll(() => running.close());

/** Collects results until one fulfils the condition; leaves then. */
function untilResult(
  source: { subscribe(onResult: (result: OperationResult) => void): { unsubscribe(): void } },
  isLast: (result: OperationResult) => boolean,
): Promise<OperationResult[]> {
  const results: OperationResult[] = [];
  return new Promise((resolve) => {
    const subscription = source.subscribe((result) => {
      results.push(result);
      if (!isLast(result)) return;
      setImmediate(() => subscription.unsubscribe());
      resolve(results);
    });
  });
}

describe('urql', () => {
  test('subscribes over WebSocket by its subscription exchange', async () => {
    const socket = createClient({ url: running.socketUrl, webSocketImpl: WebSocket });
    const client = new Client({
      url: running.url,
      preferGetMethod: false,
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: ({ next, error, complete }) => ({
              unsubscribe: socket.subscribe(
                { query, variables: { ...variables } },
                { next: ({ data = null }) => next({ data }), error, complete },
              ),
            }),
          }),
        }),
      ],
    });
    const results = untilResult(client.subscription(alerts, {}), () => true);
    await running.subgraphs.alerts.untilStreams(1);

    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });

    expect((await results)[0]?.data).toMatchObject({ alerts: { status: 'FIRING', person: { name: 'Name of 7' } } });
    await running.subgraphs.alerts.untilStreams(0);
    await socket.dispose();
  });

  test('subscribes over HTTP by its fetch exchange, which takes event streams', async () => {
    const client = new Client({
      url: running.url,
      preferGetMethod: false,
      fetchSubscriptions: true,
      exchanges: [fetchExchange],
    });
    const results = untilResult(client.subscription(alerts, {}), () => true);
    await running.subgraphs.alerts.untilStreams(1);

    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });

    expect((await results)[0]).toMatchObject({ data: { alerts: { status: 'FIRING' } }, hasNext: true });
    await running.subgraphs.alerts.untilStreams(0);
  });

  test('shows the first part of an answer, and then the whole', async () => {
    const client = new Client({ url: running.url, preferGetMethod: false, exchanges: [fetchExchange] });

    const results = await untilResult(
      client.query('{ openAlerts people { id ... @defer(label: "n") { name friends { id } } } }', {}),
      ({ hasNext }) => !hasNext,
    );

    expect(results.at(0)).toMatchObject({
      data: { openAlerts: 3, people: [{ id: 'p1' }, { id: 'p2' }] },
      hasNext: true,
    });
    expect(results.at(-1)).toMatchObject({
      data: { openAlerts: 3, people: [{ id: 'p1', name: 'Name of p1', friends: [{ id: 'f' }] }, { id: 'p2' }] },
      hasNext: false,
    });
  });
});
