import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApolloClient, gql, HttpLink, InMemoryCache, type ApolloLink, type DocumentNode } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { createClient } from 'graphql-ws';
import { firstValueFrom, lastValueFrom, take, takeWhile, toArray } from 'rxjs';
import { WebSocket } from 'ws';
import { createLeftovers } from '../../support/leftovers.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const alerts = gql`
  subscription Alerts {
    alerts {
      status
      person {
        name
      }
    }
  }
`;

const leftovers = createLeftovers();
let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
  leftovers.defer('gateway', () => running.close());
});

afterAll(() => leftovers.close());

const connect = (link: ApolloLink) => new ApolloClient({ link, cache: new InMemoryCache() });

/** A fetch that sees the empty parts of a multipart stream go by. */
function watchHeartbeats(): { readonly fetch: typeof fetch; readonly heartbeat: Promise<void> } {
  const { promise: heartbeat, resolve } = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  let text = '';
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('\r\n{}\r\n')) resolve();
      controller.enqueue(chunk);
    },
  });
  return {
    heartbeat,
    async fetch(input, init) {
      const { body, status, headers } = await fetch(input, init);
      return new Response(body?.pipeThrough(count), { status, headers });
    },
  };
}

describe('Apollo Client over WebSocket', () => {
  test('is answered queries, mutations and events', async () => {
    const socket = createClient({ url: running.socketUrl, webSocketImpl: WebSocket });
    const client = connect(new GraphQLWsLink(socket));
    const event = firstValueFrom(client.subscribe({ query: alerts }));
    await running.subgraphs.alerts.untilStreams(1);

    running.subgraphs.alertTopic.publish({ status: 'FIRING', userId: '7' });

    expect((await event).data).toMatchObject({ alerts: { status: 'FIRING', person: { name: 'Name of 7' } } });
    expect(
      (
        await client.query({
          query: gql`
            {
              openAlerts
            }
          `,
        })
      ).data,
    ).toMatchObject({ openAlerts: 3 });
    expect(
      (
        await client.mutate({
          mutation: gql`
            mutation {
              rename(id: "1", name: "N") {
                id
                name
              }
            }
          `,
        })
      ).data,
    ).toMatchObject({ rename: { name: 'N' } });
    await running.subgraphs.alerts.untilStreams(0);
    await socket.dispose();
  });
});

describe('Apollo Client over HTTP', () => {
  test('subscribes by multipart: heartbeats are no events, and leaving ends the stream at the subgraph', async () => {
    // No more often: who takes nothing for two heartbeats is taken for dead, and a busy machine stands still for long.
    const beating = await startRunningGateway({ environment: { SOCKET_PING_INTERVAL_MS: '2000' } });
    leftovers.defer('gateway that shows heartbeats', () => beating.close());
    const { alerts: subgraph, alertTopic } = beating.subgraphs;
    const watch = watchHeartbeats();
    const client = connect(new HttpLink({ uri: beating.url, fetch: watch.fetch }));
    const events = firstValueFrom(client.subscribe({ query: alerts }).pipe(take(2), toArray()));
    await subgraph.untilStreams(1);
    await watch.heartbeat;

    alertTopic.publish({ status: 'FIRING', userId: '7' });
    alertTopic.publish({ status: 'RESOLVED', userId: '8' });

    expect((await events).map(({ data }) => data)).toMatchObject([
      { alerts: { status: 'FIRING', person: { name: 'Name of 7' } } },
      { alerts: { status: 'RESOLVED' } },
    ]);
    await subgraph.untilStreams(0);
  });

  test('is told the end of a stream, and why one is refused', async () => {
    const client = connect(new HttpLink({ uri: running.url }));

    const counted = await firstValueFrom(
      client
        .subscribe({
          query: gql`
            subscription {
              countTo(last: 2)
            }
          `,
        })
        .pipe(toArray()),
    );
    const refused = await lastValueFrom(
      client.subscribe({
        query: gql`
          subscription {
            refused
          }
        `,
      }),
    );

    expect(counted.map(({ data }) => data)).toMatchObject([{ countTo: 1 }, { countTo: 2 }]);
    expect(refused.error).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });
});

describe.each([
  ['Defer20220824Handler', new Defer20220824Handler()],
  ['GraphQL17Alpha9Handler', new GraphQL17Alpha9Handler()],
])('Apollo Client with its %s', (_name, incrementalHandler) => {
  const connectDeferring = () => {
    const options: ApolloClient.Options = { link: new HttpLink({ uri: running.url }), cache: new InMemoryCache() };
    // Assigned, because its types do not agree with themselves where optional properties are taken exactly.
    return new ApolloClient(Object.assign(options, { incrementalHandler }));
  };

  /** Every state of the data that a component would show, the last one complete. */
  async function watch(query: DocumentNode): Promise<unknown[]> {
    const states = await firstValueFrom(
      connectDeferring()
        .watchQuery({ query, errorPolicy: 'all' })
        .pipe(
          takeWhile(({ dataState, loading }) => loading || dataState === 'streaming', true),
          toArray(),
        ),
    );
    return states
      .filter(({ data }) => data !== undefined)
      .map(({ data, error }) => ({ data, ...(error && { error }) }));
  }

  test('shows the first part of an answer, and then the whole', async () => {
    const states = await watch(gql`
      query {
        people {
          id
          ... @defer(label: "names") {
            name
            friends {
              id
              name
            }
          }
        }
      }
    `);

    expect(states.at(0)).toMatchObject({ data: { people: [{ id: 'p1' }, { id: 'p2' }] } });
    expect(states.at(-1)).toMatchObject({
      data: {
        people: [
          { id: 'p1', name: 'Name of p1', friends: [{ id: 'f', name: 'Friend' }] },
          { id: 'p2', name: 'Name of p2' },
        ],
      },
    });
  });

  test('shows what an answer has beside a deferred fragment that fails', async () => {
    const states = await watch(gql`
      query {
        openAlerts
        ... @defer {
          fails
          whoAmI
        }
      }
    `);

    expect(states.at(-1)).toMatchObject({
      data: { openAlerts: 3 },
      error: { errors: [{ path: ['fails'], extensions: { code: 'NOT_FOUND' } }] },
    });
  });
});
