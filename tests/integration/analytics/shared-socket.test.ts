import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import {
  encodePrincipal,
  perMessagePrincipals,
  principalsParameter,
  signedSubscription,
  signPrincipal,
  type Principal,
} from '@tessera/service/identity';
import { openRawSocket, type RawSocket } from '../../gateway/support/raw-socket.js';
import { eventually } from '../../support/eventually.js';
import { principalSecret, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, createAlertRule, track } from './analytics-client.js';

const query = 'subscription { alerts { status } }';

let harness: SubgraphHarness;
let socket: RawSocket;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { ALERT_EVALUATION_INTERVAL_MS: '100' } });
  socket = await openRawSocket(`${harness.url.replace('http', 'ws')}/graphql`);
  const proof = prove(aTenant().admin, 'GET', '');
  socket.send({ type: 'connection_init', payload: { ...proof, [principalsParameter]: perMessagePrincipals } });
  expect(await socket.next()).toEqual({
    type: 'connection_ack',
    payload: { [principalsParameter]: perMessagePrincipals },
  });
}, 60_000);

afterAll(async () => {
  socket.socket.terminate();
  await harness.stop();
});

function prove(principal: Principal, method: string, body: string, atMs = Date.now()) {
  const request = { audience: 'analytics', method, path: '/graphql', body };
  return signPrincipal(principalSecret, request, { principal: encodePrincipal(principal) }, atMs);
}

const proofOf = (principal: Principal, atMs?: number) =>
  prove(principal, 'SUBSCRIBE', signedSubscription({ query }), atMs);

/** Where the changes stand is said first, for each tenant apart. */
function subscribe(id: string, tessera: unknown): void {
  socket.send({ id, type: 'subscribe', payload: { query, extensions: { lastEventId: null, tessera } } });
}

test('streams of several callers share a socket, and each sees what its own proof allows', async () => {
  const [one, other] = [aTenant().admin, aTenant().admin];
  await createAlertRule(harness, one, { threshold: 0, windowSeconds: 60, forSeconds: 0 });
  subscribe('a', proofOf(other));
  expect(await socket.next()).toEqual({ id: 'a', type: 'next', payload: { extensions: { eventId: '0' } } });

  await track(harness, one, [{}]);
  await eventually(async () => {
    const { data } = await harness.request(one, '{ alerts { nodes { status } } }');
    return data?.alerts.nodes[0]?.status === 'FIRING';
  });

  subscribe('b', proofOf(one));
  expect(await socket.next()).toEqual({ id: 'b', type: 'next', payload: { extensions: { eventId: '2' } } });
  for (const id of ['a', 'b']) socket.send({ id, type: 'complete' });
});

test.each<[string, () => unknown]>([
  ['no proof', () => undefined],
  ['a proof that is no object', () => 'a proof'],
  [
    'the proof of another operation',
    () => prove(aTenant().admin, 'SUBSCRIBE', signedSubscription({ query: '{ id }' })),
  ],
  ['the proof of a connection', () => prove(aTenant().admin, 'GET', '')],
  ['a proof of a minute ago', () => proofOf(aTenant().admin, Date.now() - 60_000)],
  ['somebody else’s name on it', () => ({ ...proofOf(aTenant().admin), 'x-tessera-principal': 'e30' })],
])('a stream with %s is refused, and the others of the socket go on', async (_case, proof) => {
  subscribe('refused', proof());
  expect(await socket.next()).toMatchObject({
    id: 'refused',
    type: 'error',
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });

  subscribe('good', proofOf(aTenant().admin));
  expect(await socket.next()).toMatchObject({ id: 'good', type: 'next' });
  socket.send({ id: 'good', type: 'complete' });
});
