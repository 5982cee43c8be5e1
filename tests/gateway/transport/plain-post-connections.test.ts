import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { PostConnection } from '@tessera/gateway/transport/http/plain/post-connection';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import {
  answer,
  atOnce,
  get,
  post,
  connectClient,
  startPlainPosts,
  type PlainPostServer,
  type Serve,
} from '../support/plain-post-server.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const aServer = (serve?: Serve) => startPlainPosts(leftovers, serve);
const aClient = (server: PlainPostServer) => connectClient(leftovers, server);

test('who says no more in the midst of a POST is let go', async () => {
  const server = await aServer();
  const client = await aClient(server);
  const closed = once(client.socket, 'close');

  client.socket.end(post('one').slice(0, -1));

  await closed;
  expect(client.received()).toBe('');
});

describe('what comes while a POST is under way is answered behind it', () => {
  test.each([
    ['a POST', post('two'), '', 'plain two'],
    ['another request', get, '', 'node '],
    ['a POST of which the rest comes later', post('two').slice(0, -1), 'o', 'plain two'],
  ])('%s', async (_what, piece, rest, last) => {
    const held: PostConnection[] = [];
    const serve: Serve = (asked, connection) =>
      asked.body.toString() === 'one' ? void held.push(connection) : atOnce(asked, connection);
    const server = await aServer(serve);
    const client = await aClient(server);
    await client.send(post('one'));
    await eventually(() => held.length === 1);
    client.socket.write(piece);
    await eventually(() => server.accepted[0]?.isPaused() === true);

    for (const connection of held) answer(connection, 'plain one.');
    await client.bodies(1);
    client.socket.write(rest);

    expect(await client.bodies(2)).toEqual(['plain one', last]);
  });
});

test('it is noticed when a client leaves before its answer', async () => {
  const connections: PostConnection[] = [];
  const server = await aServer((_post, connection) => void connections.push(connection));
  const client = await aClient(server);
  await client.send(post('one'));
  await eventually(() => connections.length === 1);
  const isGone = new Promise<boolean>((resolve) =>
    connections[0]?.once('close', () => resolve(!connections[0]?.writableFinished)),
  );

  client.socket.destroy();

  expect(await isGone).toBe(true);
});

test('who does not read is not served more', async () => {
  let served = 0;
  const large = 'a'.repeat(8 * 1024 * 1024);
  const server = await aServer((_post, connection) => {
    served += 1;
    answer(connection, large);
  });
  const client = await aClient(server);
  let receivedBytes = 0;
  client.socket.removeAllListeners('data');
  client.socket.pause();
  await client.send(post('one'));
  await eventually(() => server.accepted[0]?.isPaused() === true);

  client.socket.write(post('two'));
  client.socket.on('data', (bytes) => {
    if (receivedBytes === 0) expect(served).toBe(1);
    receivedBytes += bytes.length;
  });
  client.socket.resume();

  await eventually(() => receivedBytes > 2 * large.length);
  expect(served).toBe(2);
});

test('an idle connection is closed when its time is over, one with a request under way is not', async () => {
  const held: PostConnection[] = [];
  const server = await aServer((_post, connection) => void held.push(connection));
  const busy = await aClient(server);
  await busy.send(post('one'));
  const idle = await aClient(server);
  const idleClosed = once(idle.socket, 'close');

  expect(server.accepted.map(({ timeout }) => timeout)).toEqual([6_000, 6_000]);
  for (const socket of server.accepted) socket.emit('timeout');
  await idleClosed;
  for (const connection of held) answer(connection, 'plain one.');

  expect(await busy.bodies(1)).toEqual(['plain one']);
});

test('at the end idle connections are closed, and others with their answer', async () => {
  const held: PostConnection[] = [];
  const server = await aServer((_post, connection) => void held.push(connection));
  const [idle, busy] = [await aClient(server), await aClient(server)];
  busy.socket.write(post('one'));
  await eventually(() => held.length === 1);
  const busyClosed = once(busy.socket, 'close');

  server.posts?.closeIdle();
  await once(idle.socket, 'close');
  const head = 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n';
  for (const connection of held) connection.answer(head, 'plain one.', 10, true);

  expect(await busy.bodies(1)).toEqual(['plain one']);
  await busyClosed;
});
