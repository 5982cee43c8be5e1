import { rm } from 'node:fs/promises';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, split } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { createManifestFolder, sha256 } from '../support/manifest-folder.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';
import { generateManifest, type GeneratedManifest } from '../support/sample-app.js';

const PEOPLE = gql`
  query People {
    people {
      ...PersonParts
    }
  }
  fragment PersonParts on Person {
    id
    name
  }
`;
const COUNT = gql`
  subscription Count($last: Int!) {
    countTo(last: $last)
  }
`;
const RENAME = gql`
  mutation Rename($id: ID!, $name: String!) {
    rename(id: $id, name: $name) {
      id
      name
    }
  }
`;
const UNLISTED = gql`
  query Unlisted {
    openAlerts
  }
`;

let workspace: string;
let manifest: GeneratedManifest;
let leftovers: Leftovers;
beforeAll(async () => {
  workspace = await temporaryFolder('sample-app');
  manifest = await generateManifest(workspace);
}, 60_000);
afterAll(() => rm(workspace, { recursive: true, force: true }));
beforeEach(() => void (leftovers = createLeftovers()));
afterEach(() => leftovers.close());

interface Sent {
  readonly method: string;
  readonly query: string | undefined;
  readonly url: URL;
}

/** A client as an app sets it up; it tells what it sends. */
function openClient(running: RunningGateway, persisted: ApolloLink, name = 'web') {
  const sent: Sent[] = [];
  const http = new HttpLink({
    uri: running.url,
    fetch: (input, init) => {
      const url = new URL(String(input));
      const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as { query?: string }) : {};
      sent.push({
        method: init?.method ?? 'GET',
        url,
        query: body.query ?? url.searchParams.get('query') ?? undefined,
      });
      return fetch(input, init);
    },
  });
  const socket = createClient({
    url: running.socketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { 'x-client-name': name },
  });
  leftovers.defer('socket', () => socket.dispose());
  const link = split(({ operationType }) => operationType === 'subscription', new GraphQLWsLink(socket), http);
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: persisted.concat(link),
    clientAwareness: { name, version: '1.0' },
  });
  leftovers.defer('client', () => client.stop());
  return { client, sent };
}

async function startGateway(
  environment: Readonly<Record<string, string>> = {},
  manifests = {},
): Promise<RunningGateway> {
  const folder = await createManifestFolder(manifests);
  leftovers.defer('folder', () => folder.remove());
  const running = await startRunningGateway({ environment: { OPERATION_MANIFESTS_PATH: folder.path, ...environment } });
  leftovers.defer('gateway', () => running.close());
  return running;
}

const people = [
  { __typename: 'Person', id: 'p1', name: 'Name of p1' },
  { __typename: 'Person', id: 'p2', name: 'Name of p2' },
];
const automatic = (options: object = {}) => new PersistedQueryLink({ sha256, ...options });
/** The package asks for Apollo Client by `require`, which only works once that is loaded. */
const listed = async () => {
  const { generatePersistedQueryIdsFromManifest } = await import('@apollo/persisted-query-lists');
  return new PersistedQueryLink(generatePersistedQueryIdsFromManifest({ loadManifest: () => manifest }));
};

test('automatic persisted queries: the text travels once', async () => {
  const { client, sent } = openClient(await startGateway(), automatic());

  const answers = [
    await client.query({ query: PEOPLE, fetchPolicy: 'no-cache' }),
    await client.query({ query: PEOPLE, fetchPolicy: 'no-cache' }),
  ];

  expect(answers.map(({ data }) => data)).toEqual([{ people }, { people }]);
  expect(sent.map(({ query }) => query !== undefined)).toEqual([false, true, false]);
});

test('automatic persisted queries by GET, mutations by POST', async () => {
  const { client, sent } = openClient(await startGateway(), automatic({ useGETForHashedQueries: true }));

  await client.query({ query: PEOPLE, fetchPolicy: 'no-cache' });
  await client.query({ query: PEOPLE, fetchPolicy: 'no-cache' });
  const { data } = await client.mutate({ mutation: RENAME, variables: { id: '1', name: 'n' } });

  expect(data).toEqual({ rename: { __typename: 'Person', id: '1', name: 'n' } });
  expect(sent.map(({ method, query }) => `${method} ${query === undefined ? 'hash' : 'text'}`)).toEqual([
    'GET hash',
    'POST text',
    'GET hash',
    'POST hash',
    'POST text',
  ]);
});

test('where automatic persisted queries are off, the client sends texts from then on', async () => {
  const { client, sent } = openClient(await startGateway({ APQ: 'false' }), automatic());

  await client.query({ query: PEOPLE, fetchPolicy: 'no-cache' });
  await client.query({ query: UNLISTED, fetchPolicy: 'no-cache' });

  expect(sent.map(({ query }) => query !== undefined)).toEqual([false, true, true]);
});

test('a manifest of the real generator lets what the app was built with run by id alone, over HTTP and WebSocket', async () => {
  expect(manifest.operations.map(({ name }) => name).sort()).toEqual([
    'Count',
    'OpenAlerts',
    'People',
    'Person',
    'Rename',
  ]);
  const running = await startGateway({ PERSISTED_OPERATIONS: 'id-only' }, { 'web.json': manifest });
  const { client, sent } = openClient(running, await listed());

  expect((await client.query({ query: PEOPLE })).data).toEqual({ people });
  expect((await client.mutate({ mutation: RENAME, variables: { id: '1', name: 'n' } })).data).toMatchObject({
    rename: { name: 'n' },
  });
  const counts = await new Promise<unknown[]>((resolve, reject) => {
    const seen: unknown[] = [];
    client.subscribe({ query: COUNT, variables: { last: 2 } }).subscribe({
      next: ({ data }) => void seen.push(data),
      complete: () => resolve(seen),
      error: reject,
    });
  });

  expect(counts).toEqual([{ countTo: 1 }, { countTo: 2 }]);
  expect(sent.every(({ query }) => query === undefined)).toBe(true);
  expect(await running.metrics()).toMatch(
    /graphql_registered_operation_uses_total\{operation="People",client="web",version="other",service="gateway"\} 1\n/,
  );
});

test('with a safelist, the texts of the app run as Apollo Client sends them, and no others', async () => {
  const running = await startGateway({ PERSISTED_OPERATIONS: 'safelist' }, { 'web.json': manifest });
  const plain = openClient(running, new ApolloLink((operation, forward) => forward(operation)));

  expect((await plain.client.query({ query: PEOPLE })).data).toEqual({ people });
  await expect(plain.client.query({ query: UNLISTED })).rejects.toMatchObject({
    errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' } }],
  });
});
