import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  apolloManifest,
  createManifestFolder,
  manifestOperation,
  sha256,
  type ManifestFolder,
} from '../support/manifest-folder.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const query = 'query Person($id: ID!) { person(id: $id) { name } }';
const hash = sha256(query);
const md5 = '0123456789abcdef0123456789abcdef';
const relayQuery = 'query RelayPerson($id: ID!) { person(id: $id) { name } }';
const mutation = 'mutation Rename { rename(id: "1", name: "n") { name } }';
const variables = { id: '1' };
const answer = { data: { person: { name: 'Name of 1' } } };

let folder: ManifestFolder;
let running: RunningGateway;

beforeAll(async () => {
  folder = await createManifestFolder({
    'web.json': apolloManifest([manifestOperation(query), manifestOperation(mutation)]),
    'relay.json': { [md5]: relayQuery },
    'pairs.json': [['app~1.2.0~person', relayQuery]],
  });
  const environment = { OPERATION_MANIFESTS_PATH: folder.path, PERSISTED_OPERATIONS: 'id-only' };
  running = await startRunningGateway({ environment });
});

afterAll(async () => {
  await running.close();
  await folder.remove();
});

/** What clients send, each in the form of its library. */
const shapes: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['extensions.persistedQuery', { extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
  [
    'extensions.persistedQuery with an id of its own',
    { extensions: { persistedQuery: { version: 1, sha256Hash: md5 } } },
  ],
  ['documentId', { documentId: hash }],
  ['documentId with a prefix', { documentId: `sha256:${hash}` }],
  ['documentId in capitals', { documentId: hash.toUpperCase() }],
  ['documentId of an app', { documentId: 'app~1.2.0~person' }],
  ['doc_id', { doc_id: md5 }],
  ['id', { id: md5 }],
  ['id beside an empty query', { id: md5, query: '' }],
  [
    'documentId and the same hash',
    { documentId: hash, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } },
  ],
  ['the hash and the text', { query, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
];

test.each(shapes)('a registered document is found by %s, over POST', async (_name, shape) => {
  expect((await running.post({ ...shape, variables })).body).toEqual(answer);
});

test.each(shapes)('a registered document is found by %s, over GET', async (_name, shape) => {
  const search = new URLSearchParams(
    Object.entries({ ...shape, variables }).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

  expect((await running.send({ search: `?${search}` })).body).toEqual(answer);
});

test.each(shapes)('a registered document is found by %s, over WebSocket', async (_name, shape) => {
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();

  socket.send({ id: '1', type: 'subscribe', payload: { ...shape, variables } });

  expect(await socket.next()).toMatchObject({ type: 'next', payload: answer });
  socket.socket.close();
});

test('a subscription is found by its id', async () => {
  const subscription = 'subscription Count { countTo(last: 2) }';
  await folder.write('dashboard.json', { count: subscription });
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  let message = { type: 'error', payload: {} as unknown };
  while (message.type === 'error') {
    socket.send({ id: '1', type: 'subscribe', payload: { documentId: 'count' } });
    message = { payload: undefined, ...(await socket.next()) };
  }

  expect(message).toMatchObject({ type: 'next', payload: { data: { countTo: 1 } } });
  socket.socket.close();
}, 15_000);

test('a registered mutation is not served over GET', async () => {
  const { status, headers } = await running.send({ search: `?documentId=${sha256(mutation)}` });

  expect(status).toBe(405);
  expect(headers.get('allow')).toBe('POST');
  expect((await running.post({ documentId: sha256(mutation) })).body).toEqual({ data: { rename: { name: 'n' } } });
});

test.each([
  ['two ids that differ', { documentId: md5, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }],
  ['an id that is no text', { documentId: 7 }],
  ['an id with characters that none has', { documentId: 'a b' }],
  ['an id of 300 characters', { documentId: 'x'.repeat(300) }],
  ['a text that is not what its hash says', { query: '{ openAlerts }', documentId: hash }],
  ['a text that is not what its id stands for', { query: '{ openAlerts }', documentId: md5 }],
])('%s is refused', async (_name, shape) => {
  const { status, code } = await running.post({ ...shape, variables }, { accept: 'application/graphql-response+json' });

  expect({ status, code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
});
