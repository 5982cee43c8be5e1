import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AccessTokenClaims } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { someClaims } from '../../support/token-issuer.js';
import type { RawSocket } from '../support/raw-socket.js';
import { startTenantStreams, type TenantStreams } from '../support/tenant-streams.js';

const query = 'subscription ($of: String) { mine(of: $of) { value openedBy } }';
const open: RawSocket[] = [];
const close = (): void => {
  for (const { socket } of open.splice(0)) socket.terminate();
};

async function subscribe(graph: TenantStreams, claims: AccessTokenClaims, of?: string): Promise<RawSocket> {
  const socket = await graph.signIn(claims);
  open.push(socket);
  socket.send({ id: 'a', type: 'subscribe', payload: { query, variables: { of } } });
  return socket;
}

const seenBy = async (socket: RawSocket): Promise<unknown> =>
  ((await socket.next()).payload as { readonly data: { readonly mine: unknown } }).data.mine;

describe('a subgraph that verifies each stream’s principal', () => {
  let graph: TenantStreams;
  beforeAll(async () => {
    graph = await startTenantStreams({ provesStreams: true, environment: { MAX_BODY_BYTES: '4194304' } });
  });
  afterEach(async () => {
    close();
    await graph.streams.untilStreams(0);
  });
  afterAll(() => graph.close());

  test('has one connection for all callers, and mixes up none of them', async () => {
    const before = graph.streams.connections.length;
    const people = Array.from({ length: 12 }, () => someClaims({ tid: randomUUID() }));
    const sockets = await Promise.all(people.map((person) => subscribe(graph, person)));
    await graph.streams.untilStreams(people.length);

    for (const value of [1, 2]) graph.ticks.publish({ value });

    for (const [index, socket] of sockets.entries()) {
      const openedBy = people[index]?.sub;
      expect(await seenBy(socket)).toEqual({ value: 1, openedBy });
      expect(await seenBy(socket)).toEqual({ value: 2, openedBy });
    }
    expect(graph.streams.connections.length - before).toBeLessThanOrEqual(1);
  });

  test('tells all its streams when their connection breaks; they go on over another, each as whose it was', async () => {
    const people = Array.from({ length: 6 }, () => someClaims({ tid: randomUUID() }));
    const sockets = await Promise.all(people.map((person) => subscribe(graph, person)));
    await graph.streams.untilStreams(people.length);
    const before = graph.streams.connections.length;

    graph.streams.cutSockets();
    await graph.streams.untilStreams(0);
    await graph.streams.untilStreams(people.length);
    graph.ticks.publish({ value: 3 });

    for (const [index, socket] of sockets.entries()) {
      expect(await seenBy(socket)).toEqual({ value: 3, openedBy: people[index]?.sub });
    }
    expect(graph.streams.connections.length - before).toBe(1);
  });

  test('ends a stream that is left, and no other', async () => {
    const [left, kept] = [someClaims(), someClaims()];
    const [leaving, staying] = [await subscribe(graph, left), await subscribe(graph, kept)];
    await graph.streams.untilStreams(2);

    leaving.send({ id: 'a', type: 'complete' });
    await graph.streams.untilStreams(1);
    graph.ticks.publish({ value: 4 });

    expect(await seenBy(staying)).toEqual({ value: 4, openedBy: kept.sub });
  });

  test('is not sent a message so large that the connection would be closed for all', async () => {
    const person = someClaims();
    const staying = await subscribe(graph, person);
    await graph.streams.untilStreams(1);

    const refused = await subscribe(graph, someClaims(), 'x'.repeat(1_500_000));

    expect(await refused.next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'OPERATION_TOO_LARGE' } }],
    });
    graph.ticks.publish({ value: 5 });
    expect(await seenBy(staying)).toEqual({ value: 5, openedBy: person.sub });
  });
});

describe('a subgraph that knows only who opened a connection', () => {
  let graph: TenantStreams;
  beforeAll(async () => {
    graph = await startTenantStreams({
      environment: { FORWARD_HEADERS: 'x-region', MAX_STREAMS_PER_SUBGRAPH_SOCKET: '2' },
    });
  });
  afterEach(async () => {
    close();
    await graph.streams.untilStreams(0);
  });
  afterAll(() => graph.close());

  test('has a connection for each caller, and one caller’s streams share it', async () => {
    const before = graph.streams.connections.length;
    const people = [someClaims(), someClaims(), someClaims()];
    const wanted = people.flatMap((person) => [subscribe(graph, person, 'one'), subscribe(graph, person, 'two')]);
    const sockets = await Promise.all(wanted);
    await graph.streams.untilStreams(6);

    graph.ticks.publish({ value: 1 });

    for (const [index, socket] of sockets.entries()) {
      expect(await seenBy(socket)).toEqual({ value: 1, openedBy: people[Math.floor(index / 2)]?.sub });
    }
    expect(graph.streams.connections.length - before).toBe(3);
  });

  test('has another connection for more streams of a caller than one may carry', async () => {
    const before = graph.streams.connections.length;
    const person = someClaims();
    const wanted = ['one', 'two', 'three', 'four', 'five'];
    const sockets = await Promise.all(wanted.map((of) => subscribe(graph, person, of)));
    await graph.streams.untilStreams(5);
    expect(graph.streams.connections.length - before).toBe(3);

    graph.streams.cutSockets();
    await eventually(() => graph.streams.connections.length - before === 6);
    await graph.streams.untilStreams(5);
    graph.ticks.publish({ value: 2 });

    for (const socket of sockets) expect(await seenBy(socket)).toEqual({ value: 2, openedBy: person.sub });
  });

  test('has another connection for other headers that are handed on, and none for longer than it is used', async () => {
    const person = someClaims();
    for (const region of ['north', 'south']) {
      const socket = await graph.signIn(person, { 'x-region': region });
      open.push(socket);
      socket.send({ id: 'a', type: 'subscribe', payload: { query } });
    }
    await graph.streams.untilStreams(2);
    const regions = graph.streams.connections.slice(-2).map((connection) => connection['x-region']);
    expect([...regions].sort()).toEqual(['north', 'south']);

    close();

    await eventually(() => graph.streams.openSockets() === 0);
  });
});
