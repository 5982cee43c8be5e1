import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  apolloManifest,
  createManifestFolder,
  manifestOperation,
  sha256,
  type ManifestFolder,
} from '../support/manifest-folder.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

/*
 * The libraries cannot run here, so these requests were written by hand after their sources: names, order and escaping of what
 * they send. Nothing was recorded from a device. Apollo Kotlin: `DefaultHttpRequestComposer` and `GraphQLWsProtocol` of 4.1
 * (2024-11). Apollo iOS: `JSONRequest`, `RequestBodyCreator` and `GraphQLGETTransformer` of 1.x; keys are sorted, and slashes
 * escaped, by JSONSerialization. Apollo iOS before 1.0 (0.51) sends `id` beside everything else.
 */
const query = 'query Person($id: ID!) { person(id: $id) { __typename name } }';
const hash = sha256(query);
const other = 'query Other($id: ID!) { person(id: $id) { __typename id name } }';
const otherHash = sha256(other);
const person = { data: { person: { __typename: 'Person', name: 'Name of a/b' } } };

const kotlinAccept = 'multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json';
const iosHeaders = {
  Accept: 'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json',
  'Content-Type': 'application/json',
  'X-APOLLO-OPERATION-NAME': 'Person',
  'X-APOLLO-OPERATION-TYPE': 'query',
  'apollographql-client-name': 'com.example.app-apollo-ios',
  'apollographql-client-version': '1.4.0-88',
};

let folder: ManifestFolder;
let open: RunningGateway;
let strict: RunningGateway;
beforeAll(async () => {
  folder = await createManifestFolder({
    'android.json': apolloManifest([manifestOperation(query)]),
  });
  open = await startRunningGateway();
  strict = await startRunningGateway({
    environment: { OPERATION_MANIFESTS_PATH: folder.path, PERSISTED_OPERATIONS: 'id-only' },
  });
});
afterAll(async () => {
  await Promise.all([open.close(), strict.close()]);
  await folder.remove();
});

describe('Apollo Kotlin', () => {
  const headers = { Accept: kotlinAccept, 'Content-Type': 'application/json' };
  const post = (running: RunningGateway, body: string) => running.send({ method: 'POST', headers, body });
  const hashed = (id: string) =>
    `{"operationName":"Person","variables":{"id":"a/b"},"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${id}"}}}`;

  test('automatic persisted queries: hash, then text and hash, then hash', async () => {
    const withText = `{"operationName":"Person","variables":{"id":"a/b"},"query":${JSON.stringify(query)},"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${hash}"}}}`;

    const unknown = await post(open, hashed(hash));
    // Anything but a 200 would be an ApolloHttpException before 4.1, and the text would not follow.
    expect({ status: unknown.status, message: unknown.body.errors?.[0]?.message }).toEqual({
      status: 200,
      message: 'PersistedQueryNotFound',
    });
    expect((await post(open, withText)).body).toEqual(person);
    expect((await post(open, hashed(hash))).body).toEqual(person);
  });

  test('registered documents by POST and by GET, without an attempt that fails', async () => {
    const search =
      '?operationName=Person&variables=%7B%22id%22%3A%22a%2Fb%22%7D' +
      `&extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22${hash}%22%7D%7D`;

    expect((await post(strict, hashed(hash))).body).toEqual(person);
    expect(
      (await strict.send({ search, headers: { Accept: kotlinAccept, 'Apollo-Require-Preflight': 'true' } })).body,
    ).toEqual(person);
  });

  test('what is not registered is refused with 400 in application/graphql-response+json', async () => {
    const { status, code, headers: answered } = await post(strict, hashed(otherHash));

    expect({ status, code }).toEqual({ status: 400, code: 'PERSISTED_QUERY_NOT_IN_LIST' });
    expect(answered.get('content-type')).toContain('application/graphql-response+json');
  });

  test('a socket that is opened with connection parameters, and asks by hash', async () => {
    const socket = await openRawSocket(strict.socketUrl);
    socket.send('{"type":"connection_init","payload":{"apollographql-client-name":"android"}}');
    expect((await socket.next()).type).toBe('connection_ack');

    socket.send(
      `{"type":"subscribe","id":"5f0c4b1e-0e0c-4a53-9a52-1d9c1c1a2b3c","payload":{"operationName":"Person","variables":{"id":"a/b"},"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${hash}"}}}}`,
    );

    expect(await socket.next()).toMatchObject({ type: 'next', payload: person });
    socket.socket.close();
  });
});

describe('Apollo iOS', () => {
  const post = (running: RunningGateway, body: string) => running.send({ method: 'POST', headers: iosHeaders, body });
  const library = '"clientLibrary":{"name":"apollo-ios","version":"1.15.0"}';

  test('1.x: automatic persisted queries, with what the library says about itself', async () => {
    const hashed = `{"extensions":{${library},"persistedQuery":{"sha256Hash":"${otherHash}","version":1}},"operationName":"Other","variables":{"id":"a\\/b"}}`;
    const withText = `{"extensions":{${library},"persistedQuery":{"sha256Hash":"${otherHash}","version":1}},"operationName":"Other","query":${JSON.stringify(other)},"variables":{"id":"a\\/b"}}`;

    const unknown = await post(open, hashed);
    expect([unknown.status, unknown.body.errors?.[0]?.message]).toEqual([200, 'PersistedQueryNotFound']);
    expect((await post(open, withText)).body.data).toMatchObject({ person: { id: 'a/b' } });
    expect((await post(open, hashed)).body.data).toMatchObject({ person: { id: 'a/b' } });
  });

  test('1.x: registered documents by POST and by GET', async () => {
    const body = `{"extensions":{${library},"persistedQuery":{"sha256Hash":"${hash}","version":1}},"operationName":"Person","variables":{"id":"a\\/b"}}`;
    const search =
      `?extensions=%7B%22persistedQuery%22:%7B%22sha256Hash%22:%22${hash}%22,%22version%22:1%7D%7D` +
      '&operationName=Person&variables=%7B%22id%22:%22a/b%22%7D';

    expect((await post(strict, body)).body).toEqual(person);
    expect((await strict.send({ search, headers: iosHeaders })).body).toEqual(person);
  });

  test('0.51: an id beside the text, and beside the extension', async () => {
    const body = `{"id":"${hash}","operationName":"Person","query":${JSON.stringify(query)},"variables":{"id":"a\\/b"}}`;
    const hashed = `{"extensions":{"persistedQuery":{"sha256Hash":"${hash}","version":1}},"id":"${hash}","operationName":"Person","variables":{"id":"a\\/b"}}`;

    expect((await post(open, body)).body).toEqual(person);
    expect((await post(strict, hashed)).body).toEqual(person);
  });
});
