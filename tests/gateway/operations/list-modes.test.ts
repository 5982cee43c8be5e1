import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { pino } from 'pino';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { someClaims, startTokenIssuer } from '../../support/token-issuer.js';
import { apolloManifest, createManifestFolder, manifestOperation, sha256 } from '../support/manifest-folder.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const listedQuery = 'query Listed { people { ...P } } fragment P on Person { name }';
const sameQuery =
  '# the same, written by another printer\nfragment P on Person {\n  name\n}\nquery Listed {\n  people { ...P }\n}';
const otherQuery = 'query Other { openAlerts }';
const people = { data: { people: [{ name: 'Name of p1' }, { name: 'Name of p2' }] } };
const alerts = { data: { openAlerts: 3 } };
const strict = { accept: 'application/graphql-response+json' };

let leftovers: Leftovers;
beforeEach(() => void (leftovers = createLeftovers()));
afterEach(() => leftovers.close());

async function startWith(
  environment: Readonly<Record<string, string>>,
  more: Parameters<typeof startRunningGateway>[0] = {},
): Promise<RunningGateway> {
  const folder = await createManifestFolder({
    'web.json': apolloManifest([manifestOperation(listedQuery)]),
    'ios.json': apolloManifest([manifestOperation('query OnlyIos { people { id } }', { clientName: 'ios' })]),
  });
  leftovers.defer('folder', () => folder.remove());
  const running = await startRunningGateway({
    ...more,
    environment: { OPERATION_MANIFESTS_PATH: folder.path, ...environment },
  });
  leftovers.defer('gateway', () => running.close());
  return running;
}

const automatic = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

/** A logger that keeps its lines. */
function keptLogger() {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { logger, lines };
}

test('off: everything runs, and registered documents may be named by id', async () => {
  const running = await startWith({});

  expect((await running.post({ documentId: sha256(listedQuery) })).body).toEqual(people);
  expect((await running.post({ query: otherQuery })).body).toEqual(alerts);
  expect((await running.post({ documentId: sha256('{ people { id } }') })).code).toBe('PERSISTED_QUERY_NOT_FOUND');
  expect((await running.post({ documentId: 'never-heard-of' })).code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
});

test('report: everything runs; what is not registered is counted, and logged once', async () => {
  const { logger, lines } = keptLogger();
  const running = await startWith({ PERSISTED_OPERATIONS: 'report' }, { logger });
  const headers = { 'apollographql-client-name': 'web', 'apollographql-client-version': '2.1' };

  expect((await running.post({ query: sameQuery }, headers)).body).toEqual(people);
  for (let time = 0; time < 3; time += 1) {
    const request = { query: otherQuery, operationName: 'Other' };
    expect((await running.post(request, headers)).body).toEqual(alerts);
  }

  expect(lines.filter(({ msg }) => msg === 'an operation is not registered')).toEqual([
    expect.objectContaining({
      clientName: 'web',
      clientVersion: '2.1',
      operationName: 'Other',
      operationId: sha256(otherQuery),
      isRefused: false,
    }),
  ]);
  const metrics = await running.metrics();
  expect(metrics).toMatch(/registered_operation_requests_total\{client="web",outcome="text",service="gateway"\} 1\n/);
  expect(metrics).toMatch(
    /registered_operation_requests_total\{client="web",outcome="unlisted",service="gateway"\} 3\n/,
  );
});

test('safelist: registered documents run by id or as an equal text, others are refused with 400', async () => {
  const running = await startWith({ PERSISTED_OPERATIONS: 'safelist' });

  expect((await running.post({ documentId: sha256(listedQuery) })).body).toEqual(people);
  expect((await running.post({ query: listedQuery })).body).toEqual(people);
  expect((await running.post({ query: sameQuery })).body).toEqual(people);
  for (const refused of [
    { query: otherQuery },
    { query: '{ __schema { types { name } } }' },
    { query: '{ nothing }' },
  ]) {
    const { status, code, body } = await running.post(refused, strict);
    expect({ status, code }).toEqual({ status: 400, code: 'PERSISTED_QUERY_NOT_IN_LIST' });
    expect(body.data).toBeUndefined();
  }
});

test('safelist: clients of automatic persisted queries go on, with registered documents alone', async () => {
  const running = await startWith({ PERSISTED_OPERATIONS: 'safelist' });

  expect((await running.post({ extensions: automatic(sameQuery) })).body.errors?.[0]?.message).toBe(
    'PersistedQueryNotFound',
  );
  expect((await running.post({ query: sameQuery, extensions: automatic(sameQuery) })).body).toEqual(people);
  expect((await running.post({ extensions: automatic(sameQuery) })).body).toEqual(people);

  const refused = await running.post({ query: otherQuery, extensions: automatic(otherQuery) });
  expect(refused.code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect((await running.post({ extensions: automatic(otherQuery) })).code).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('id-only: a text is refused though it is registered; what is named by id runs, on a socket too', async () => {
  const running = await startWith({ PERSISTED_OPERATIONS: 'id-only' });

  expect((await running.post({ query: listedQuery }, strict)).status).toBe(400);
  expect((await running.post({ query: listedQuery })).code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect((await running.post({ extensions: automatic(otherQuery) })).code).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect((await running.post({ documentId: sha256(listedQuery) })).body).toEqual(people);

  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  socket.send({ id: '1', type: 'subscribe', payload: { query: listedQuery } });
  expect(await socket.next()).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' } }],
  });
  socket.socket.close();
});

test('each client has its own mode, whichever headers name it', async () => {
  const running = await startWith({ PERSISTED_OPERATIONS_BY_CLIENT: 'ios=id-only, com.acme.app-apollo-ios=safelist' });
  const codeFor = async (headers: Record<string, string>) => (await running.post({ query: otherQuery }, headers)).code;

  expect(await codeFor({ 'apollographql-client-name': 'ios' })).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect(await codeFor({ 'graphql-client-name': 'ios' })).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect(await codeFor({ 'apollographql-client-name': 'com.acme.app-apollo-ios' })).toBe('PERSISTED_QUERY_NOT_IN_LIST');
  expect(await codeFor({ 'apollographql-client-name': 'web' })).toBeUndefined();

  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise({ 'graphql-client-name': 'ios' });
  socket.send({ id: '1', type: 'subscribe', payload: { query: otherQuery } });
  expect(await socket.next()).toMatchObject({ type: 'error' });
  socket.socket.close();
});

test('an operation that a manifest gives to one client is nobody else’s', async () => {
  const running = await startWith({ PERSISTED_OPERATIONS: 'safelist' });
  const request = { documentId: sha256('query OnlyIos { people { id } }') };

  const ios = await running.post(request, { 'apollographql-client-name': 'ios' });
  const web = await running.post(request, { 'apollographql-client-name': 'web' });

  expect(ios.body.data).toEqual({ people: [{ id: 'p1' }, { id: 'p2' }] });
  expect(web.code).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('who runs the platform may ask anything, nobody else who is signed in', async () => {
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const running = await startWith({ PERSISTED_OPERATIONS: 'id-only', JWKS_URL: issuer.jwksUrl });
  const as = async (role: string) => ({
    authorization: `Bearer ${await issuer.issue(someClaims({ roles: [role] }))}`,
  });

  expect((await running.post({ query: otherQuery }, await as('SUPER_ADMIN'))).body).toEqual(alerts);
  expect((await running.post({ query: otherQuery }, await as('TENANT_ADMIN'))).code).toBe(
    'PERSISTED_QUERY_NOT_IN_LIST',
  );
});

test('without automatic persisted queries a client is told to send texts, and registers nothing', async () => {
  const running = await startWith({ APQ: 'false' });

  const { status, body, code } = await running.post({ extensions: automatic(otherQuery) }, strict);
  expect({ status, code }).toEqual({ status: 200, code: 'PERSISTED_QUERY_NOT_SUPPORTED' });
  expect(body.errors?.[0]?.message).toBe('PersistedQueryNotSupported');
  expect((await running.post({ query: otherQuery, extensions: automatic(otherQuery) })).body).toEqual(alerts);
  expect((await running.post({ extensions: automatic(listedQuery) })).body).toEqual(people);
});

test('a list that is to be enforced and can have nothing on it, and a mode that does not exist, do not start', async () => {
  await expect(startRunningGateway({ environment: { PERSISTED_OPERATIONS: 'safelist' } })).rejects.toThrow(
    /OPERATION_MANIFESTS_PATH or OPERATION_MANIFESTS_URL/,
  );
  await expect(startRunningGateway({ environment: { OPERATION_MANIFESTS_PATH: '/nowhere' } })).rejects.toThrow(
    /OPERATION_MANIFESTS_PATH: \/nowhere cannot be read \(ENOENT\)/,
  );
  expect(() => loadGatewayConfig({ PERSISTED_OPERATIONS_BY_CLIENT: 'ios=sometimes' })).toThrow(
    /PERSISTED_OPERATIONS_BY_CLIENT: must be a list of client=mode/,
  );
});

test('what is counted of registered operations bears only names that are registered', async () => {
  const running = await startWith({});
  const ask = (name: string, version: string) =>
    running.post(
      { documentId: sha256(listedQuery) },
      { 'apollographql-client-name': name, 'apollographql-client-version': version },
    );
  await ask('web', '1.0');
  await ask('web', '1.0');
  for (let index = 0; index < 20; index += 1) await ask(`invented-${index}`, `${index}`);

  const metrics = await running.metrics();

  expect(metrics).toMatch(/uses_total\{operation="Listed",client="web",version="other",service="gateway"\} 2\n/);
  expect(metrics).toMatch(/uses_total\{operation="Listed",client="other",version="other",service="gateway"\} 20\n/);
  expect(metrics).not.toMatch(/^graphql_registered_.*invented/m);
  expect(metrics).toMatch(/graphql_registered_operations\{service="gateway"\} 2\n/);
});
