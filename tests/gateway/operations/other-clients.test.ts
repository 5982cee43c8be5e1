import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import {
  Environment,
  fetchQuery,
  Network,
  RecordSource,
  Store,
  type ConcreteRequest,
  type GraphQLResponse,
  type OperationType,
} from 'relay-runtime';
import { createManifestFolder, sha256, type ManifestFolder } from '../support/manifest-folder.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const people = 'query People {\n  people {\n    id\n    name\n    __typename\n  }\n}';
const relayPeople = 'query RelayPeopleQuery {\n  people {\n    name\n    id\n  }\n}\n';
const pair = 'query OlderRelayQuery { people { name } }';
const codegen = 'query Codegen {\n  openAlerts\n}';
/** GraphQL Codegen's client preset takes SHA-1 unless it is told otherwise. */
const codegenId = createHash('sha1').update(codegen).digest('hex');
/** Relay's compiler takes MD5 unless it is told otherwise. */
const relayId = 'c1d9a2f0b7e64d5c8a3f2e1d0c9b8a76';

let folder: ManifestFolder;
let running: RunningGateway;
let strict: RunningGateway;
beforeAll(async () => {
  folder = await createManifestFolder({
    'relay.json': { [relayId]: relayPeople },
    'relay-pairs.json': [['older-relay-1', pair]],
    'codegen.json': { [codegenId]: codegen },
    'urql.json': { [sha256(people)]: people },
  });
  running = await startRunningGateway();
  strict = await startRunningGateway({
    environment: { OPERATION_MANIFESTS_PATH: folder.path, PERSISTED_OPERATIONS: 'id-only' },
  });
});
afterAll(async () => {
  await Promise.all([running.close(), strict.close()]);
  await folder.remove();
});

interface UrqlOptions {
  readonly url: string;
  readonly preferGetForPersistedQueries?: boolean;
  readonly enforcePersistedQueries?: boolean;
}

function openUrql({ url, ...options }: UrqlOptions) {
  const sent: string[] = [];
  const client = new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      persistedExchange({ ...options, enableForMutation: true, generateHash: async (query) => sha256(query) }),
      fetchExchange,
    ],
    fetch: (input, init) => {
      const text = typeof init?.body === 'string' ? init.body : String(input);
      sent.push(`${init?.method} ${/[?{&"]query["=]/.test(text) ? 'text' : 'hash'}`);
      return fetch(input, init);
    },
  });
  return { client, sent };
}

test('urql registers queries automatically, and asks by GET afterwards', async () => {
  const { client, sent } = openUrql({ url: running.url, preferGetForPersistedQueries: true });

  const first = await client.query(people, {}).toPromise();
  const second = await client.query(people, {}, { requestPolicy: 'network-only' }).toPromise();
  const renamed = await client.mutation('mutation R { rename(id: "1", name: "n") { name } }', {}).toPromise();

  expect([first.error, second.error, renamed.error]).toEqual([undefined, undefined, undefined]);
  expect(second.data).toEqual({
    people: [
      { __typename: 'Person', id: 'p1', name: 'Name of p1' },
      { __typename: 'Person', id: 'p2', name: 'Name of p2' },
    ],
  });
  expect(sent[0]).toBe('GET hash');
  expect(sent[2]).toBe('GET hash');
});

test('urql that enforces persisted queries runs what is registered, by its hash alone', async () => {
  const { client, sent } = openUrql({ url: strict.url, enforcePersistedQueries: true });

  const { data, error } = await client.query(people, {}).toPromise();
  const refused = await client.query('query Unlisted { openAlerts }', {}).toPromise();

  expect(error).toBeUndefined();
  expect(data?.people).toHaveLength(2);
  expect(refused.error?.graphQLErrors[0]?.extensions?.['code']).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect(sent).toEqual(['GET hash', 'GET hash']);
});

interface RelayPeople extends OperationType {
  readonly response: { readonly people: readonly { readonly name: string }[] };
}

/** What Relay's compiler writes of `relayPeople` with `persistConfig`: an id in the place of the text. */
const relayRequest: ConcreteRequest = (() => {
  const name = { alias: null, args: null, kind: 'ScalarField', name: 'name', storageKey: null } as const;
  const id = { ...name, name: 'id' } as const;
  const field = {
    alias: null,
    args: null,
    concreteType: 'Person',
    kind: 'LinkedField',
    name: 'people',
    plural: true,
  } as const;
  return {
    kind: 'Request',
    fragment: {
      argumentDefinitions: [],
      kind: 'Fragment',
      metadata: null,
      name: 'RelayPeopleQuery',
      selections: [{ ...field, selections: [name], storageKey: null }],
      type: 'Query',
      abstractKey: null,
    },
    operation: {
      argumentDefinitions: [],
      kind: 'Operation',
      name: 'RelayPeopleQuery',
      selections: [{ ...field, selections: [name, id], storageKey: null }],
    },
    params: { id: relayId, metadata: {}, name: 'RelayPeopleQuery', operationKind: 'query', text: null },
  } as ConcreteRequest;
})();

test.each(['doc_id', 'id', 'documentId'])('Relay runs what its compiler persisted, named by %s', async (parameter) => {
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ id, text, name }, variables) => {
      expect(text).toBeNull();
      const response = await fetch(strict.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'graphql-client-name': 'relay',
          'graphql-client-version': '3.0',
        },
        body: JSON.stringify({ [parameter]: id, operationName: name, variables }),
      });
      return (await response.json()) as GraphQLResponse;
    }),
  });

  const data = await fetchQuery<RelayPeople>(environment, relayRequest, {}).toPromise();

  expect(data?.people.map(({ name }) => name)).toEqual(['Name of p1', 'Name of p2']);
  expect(await strict.metrics()).toMatch(/uses_total\{operation="RelayPeopleQuery",client="relay",version="other"/);
});

test.each([
  ["the pairs of Relay's older compiler", { doc_id: 'older-relay-1' }, 'people'],
  ['the map of GraphQL Codegen, with SHA-1', { documentId: codegenId }, 'openAlerts'],
  [
    'the map of GraphQL Codegen, as its documentation sends it',
    { extensions: { persistedQuery: { version: 1, sha256Hash: codegenId } } },
    'openAlerts',
  ],
])('%s is a list as well', async (_what, request, field) => {
  const { body } = await strict.post({ ...request, variables: {} });

  expect(Object.keys(body.data ?? {})).toEqual([field]);
});
