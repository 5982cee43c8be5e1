import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client as UrqlClient, subscriptionExchange } from '@urql/core';
import { createClient as createEventClient } from 'graphql-sse';
import { createClient as createSocketClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startRelay, type Relay } from '../../support/relay.js';
import { repositoryRoot } from '../../support/repository-root.js';
import { range, startNumberedStreams, type Change, type NumberedStreams } from '../support/numbered-streams.js';
import { resumeLink } from '../support/recipes/resume-link.js';
import { resume } from '../support/recipes/resume.js';

const query = 'subscription { changes { number } }';
const patienceMs = 150_000;

interface Watched {
  /** As the application saw them. */
  readonly numbers: readonly number[];
  /** Why it ended, if it did. */
  readonly endings: readonly unknown[];
  stop(): Promise<void>;
}

type Watch = (url: string) => Watched;

const leftovers = createLeftovers();
let graph: NumberedStreams;
let relay: Relay;
let published = 0;

/** What an application keeps of its events. */
function createNotes() {
  const numbers: number[] = [];
  const endings: unknown[] = [];
  const note = (result: { readonly data?: unknown; readonly error?: unknown }): void => {
    const { changes } = (result.data ?? {}) as { readonly changes?: Change };
    if (changes === undefined) endings.push(result.error);
    else numbers.push(changes.number);
  };
  const sink = {
    next: note,
    error: (error: unknown): void => void endings.push(error),
    complete: (): void => void endings.push('complete'),
  };
  return { numbers, endings, sink };
}

const openSocketClient = (url: string) =>
  createSocketClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: Number.POSITIVE_INFINITY,
  });

const watchBySocket: Watch = (url) => {
  const client = openSocketClient(url);
  const { sink, ...notes } = createNotes();
  resume(client, { query }, sink);
  return { ...notes, stop: async () => client.dispose() };
};

const watchByEventStream: Watch = (url) => {
  const client = createEventClient({ url, retryAttempts: Number.POSITIVE_INFINITY });
  const { sink, ...notes } = createNotes();
  resume(client, { query }, sink);
  return { ...notes, stop: async () => client.dispose() };
};

function watchByApollo(link: ApolloLink, close: () => unknown): Watched {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const { sink, ...notes } = createNotes();
  const subscription = client.subscribe({ query: gql(query) }).subscribe(sink);
  return {
    ...notes,
    async stop() {
      subscription.unsubscribe();
      client.stop();
      await close();
    },
  };
}

const watchByApolloSocket: Watch = (url) => {
  const client = openSocketClient(url);
  const link = new GraphQLWsLink({
    ...client,
    subscribe: (payload: SubscribePayload, sink) => resume(client, payload, sink),
  });
  return watchByApollo(link, () => client.dispose());
};

const watchByApolloMultipart: Watch = (uri) =>
  watchByApollo(ApolloLink.from([resumeLink, new HttpLink({ uri, includeExtensions: true })]), () => undefined);

type Subscribe = (
  payload: { readonly query: string; readonly variables: Record<string, unknown> },
  sink: Parameters<typeof resume<object, { readonly data?: Record<string, unknown> | null }>>[2],
) => () => void;

function watchByUrql(url: string, subscribe: Subscribe, close: () => unknown): Watched {
  const client = new UrqlClient({
    url,
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: ({ query: text = '', variables }) => ({
          subscribe: ({ next, error, complete }) => ({
            unsubscribe: subscribe(
              { query: text, variables: { ...variables } },
              { next: ({ data = null }) => next({ data }), error, complete },
            ),
          }),
        }),
      }),
    ],
  });
  const { sink, ...notes } = createNotes();
  const subscription = client.subscription(query, {}).subscribe(sink.next);
  return {
    ...notes,
    async stop() {
      subscription.unsubscribe();
      await close();
    },
  };
}

const watchByUrqlSocket: Watch = (url) => {
  const client = openSocketClient(url);
  return watchByUrql(
    url,
    (payload, sink) => resume(client, payload, sink),
    () => client.dispose(),
  );
};

const watchByUrqlEventStream: Watch = (url) => {
  const client = createEventClient({ url, retryAttempts: Number.POSITIVE_INFINITY });
  return watchByUrql(
    url,
    (payload, sink) => resume(client, payload, sink),
    () => client.dispose(),
  );
};

const clients: readonly (readonly [string, Watch])[] = [
  ['graphql-ws', watchBySocket],
  ['Apollo Client over graphql-ws', watchByApolloSocket],
  ['urql over graphql-ws', watchByUrqlSocket],
  ['graphql-sse', watchByEventStream],
  ['urql over graphql-sse', watchByUrqlEventStream],
  ['Apollo Client by multipart', watchByApolloMultipart],
];

let watched: readonly Watched[] = [];

/** Each has got events that were published later than now. */
async function someMore(): Promise<void> {
  const before = published;
  await eventually(() => watched.every(({ numbers }) => (numbers.at(-1) ?? 0) > before + 2), patienceMs);
}

beforeAll(async () => {
  graph = await startNumberedStreams({ DRAIN_DELAY_MS: '500' });
  leftovers.defer('graph', () => graph.close());
  relay = await startRelay(graph.gateway.port);
  leftovers.defer('relay', () => relay.close());
  watched = clients.map(([, watch]) => watch(`http://127.0.0.1:${relay.port}/graphql`));
  leftovers.defer('clients', () => Promise.all(watched.map(({ stop }) => stop())));
  const publishing = setInterval(() => graph.changes.publish({ number: (published += 1) }), 50);
  leftovers.defer('publishing', () => clearInterval(publishing));
  await someMore();

  // The network fails, and nobody says goodbye.
  expect(relay.cut()).toBeGreaterThanOrEqual(clients.length);
  await someMore();

  // A gateway is replaced: it asks its clients to move.
  const second = await graph.startGateway();
  relay.leadTo(second.port);
  await graph.gateway.stop();
  await someMore();

  // A gateway is gone, and it takes a while until there is another.
  relay.leadTo(undefined);
  relay.cut();
  await second.stop();
  const third = await graph.startGateway();
  relay.leadTo(third.port);
  await someMore();
  clearInterval(publishing);
  await eventually(() => watched.every(({ numbers }) => numbers.at(-1) === published), patienceMs);
}, 600_000);

afterAll(() => leftovers.close(), 30_000);

test.each(clients.map(([name], index) => [name, index] as const))(
  '%s sees each event once, though its connection is cut and its gateway replaced',
  (_name, index) => {
    const { numbers, endings } = watched[index] as Watched;

    expect(endings).toEqual([]);
    expect(numbers).toEqual(range(numbers[0] ?? 0, published));
  },
);

test.each(['resume.ts', 'resume-link.ts'])('the recipe %s is told as it runs here', async (file) => {
  const told = await readFile(join(repositoryRoot, 'gateway/src/subscriptions/resuming-clients.md'), 'utf8');
  const recipe = await readFile(join(repositoryRoot, 'tests/gateway/support/recipes', file), 'utf8');

  expect(told).toContain(`\`\`\`ts\n${recipe}\`\`\``);
});
