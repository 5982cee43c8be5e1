import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PlainPosts } from '@tessera/gateway/transport/http/plain/plain-posts';
import type { PlainPost, PostConnection } from '@tessera/gateway/transport/http/plain/post-connection';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

type Serve = (post: PlainPost, connection: PostConnection) => void;

const answer = (connection: PostConnection, body: string): void =>
  connection.answer(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`, body, body.length, false);
const atOnce: Serve = ({ body }, connection) => answer(connection, `plain ${body.toString()}.`);

/** A server that answers which way a request went, and its body. */
async function aServer(serve: Serve | 'by Node' = atOnce, restTimeoutMs = 60_000) {
  const accepted: Socket[] = [];
  const server = createServer({ keepAliveTimeout: 5_000 }, (message, response) => {
    void textOf(message).then((body) => response.end(`node ${body}.`));
  });
  server.on('connection', (socket) => accepted.push(socket));
  const options = { path: '/graphql', maxHeaders: 50, restTimeoutMs };
  const posts = serve === 'by Node' ? undefined : new PlainPosts(server, { ...options, serve });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  leftovers.defer('server', () => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, posts, accepted };
}

type Server = Awaited<ReturnType<typeof aServer>>;

async function aClient({ port, accepted }: Server) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  leftovers.defer('client', () => void socket.destroy());
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (bytes) => (received += bytes.toString('latin1')));
  await once(socket, 'connect');
  const ofClient = () => accepted.find(({ remotePort }) => remotePort === socket.localPort);
  await eventually(() => ofClient() !== undefined);
  let sent = 0;
  return {
    socket,
    /** Sends a piece, and waits until it has been read: what is sent next comes apart. */
    async send(piece: string) {
      socket.write(piece);
      sent += Buffer.byteLength(piece);
      await eventually(() => ofClient()?.bytesRead === sent);
    },
    async bodies(count: number) {
      const found = () => [...received.matchAll(/(?:plain|node) [^.]*\./g)].map(([body]) => body.slice(0, -1));
      await eventually(() => found().length >= count);
      return found();
    },
    async statusLine() {
      await eventually(() => received.includes('\r\n'));
      return received.slice(0, received.indexOf('\r\n'));
    },
    received: () => received,
  };
}

const post = (body: string, ...fields: readonly string[]): string =>
  ['POST /graphql HTTP/1.1', 'host: a', `content-length: ${body.length}`, ...fields, '', body].join('\r\n');
const get = 'GET /graphql HTTP/1.1\r\nhost: a\r\n\r\n';

test('one POST after the other is read here', async () => {
  const client = await aClient(await aServer());

  await client.send(post('one'));
  await client.bodies(1);
  await client.send(post('two'));

  expect(await client.bodies(2)).toEqual(['plain one', 'plain two']);
});

describe('an answer goes out as it is', () => {
  test.each<readonly [what: string, body: string | Buffer]>([
    ['short', 'a'],
    ['long', 'a'.repeat(100_000)],
    ['beyond ASCII', 'Zoë ✓'],
    ['long and beyond ASCII', 'Zoë ✓'.repeat(10_000)],
    ['in bytes', Buffer.from('Zoë ✓')],
  ])('%s', async (_what, body) => {
    const expected = Buffer.from(body);
    const head = `HTTP/1.1 200 OK\r\ncontent-length: ${expected.length}\r\n\r\n`;
    const client = await aClient(
      await aServer((_post, connection) => connection.answer(head, body, expected.length, false)),
    );

    await client.send(post('one'));

    await eventually(() => client.received().length >= head.length + expected.length);
    expect(client.received()).toBe(head + expected.toString('latin1'));
  });
});

test('with anything else a connection becomes one of Node, for good', async () => {
  const client = await aClient(await aServer());

  await client.send(post('one'));
  await client.bodies(1);
  await client.send(get);
  await client.bodies(2);
  await client.send(post('three'));

  expect(await client.bodies(3)).toEqual(['plain one', 'node ', 'node three']);
});

describe('a POST that comes in two pieces is read here', () => {
  const whole = post('all-of-it');

  test.each([1, 20, whole.indexOf('\r\n\r\n') + 1, whole.indexOf('\r\n\r\n') + 4, whole.length - 1])(
    'cut after %d bytes',
    async (length) => {
      const client = await aClient(await aServer());

      await client.send(whole.slice(0, length));
      await client.send(whole.slice(length));

      expect(await client.bodies(1)).toEqual(['plain all-of-it']);
    },
  );
});

test('one after the other may come in pieces', async () => {
  const client = await aClient(await aServer());

  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    await client.send(post(name).slice(0, 30));
    await client.send(post(name).slice(30));
    await client.bodies(index + 1);
  }

  expect(await client.bodies(3)).toEqual(['plain one', 'plain two', 'plain three']);
});

test('a POST whose rest does not come soon is read by Node', async () => {
  const server = await aServer(atOnce, 1);
  const client = await aClient(server);
  await client.send(post('one').slice(0, -1));

  // Node has no timer for it of that kind.
  await eventually(() => server.accepted[0]?.timeout === 0);
  await client.send('e');

  expect(await client.bodies(1)).toEqual(['node one']);
});

test('who says no more in the midst of a POST is let go', async () => {
  const server = await aServer();
  const client = await aClient(server);
  const closed = once(client.socket, 'close');

  client.socket.end(post('one').slice(0, -1));

  await closed;
  expect(client.received()).toBe('');
});

test('a POST in many small pieces is read by Node', async () => {
  const body = 'a'.repeat(20);
  const client = await aClient(await aServer());

  await client.send(post(body).slice(0, -body.length));
  for (const letter of body) await client.send(letter);

  expect(await client.bodies(1)).toEqual([`node ${body}`]);
});

test('a long POST in pieces is read by Node', async () => {
  const body = 'a'.repeat(200_000);
  const client = await aClient(await aServer());

  await client.send(post(body).slice(0, -1));
  await client.send('a');

  expect(await client.bodies(1)).toEqual([`node ${body}`]);
});

test('several POSTs at once are answered in their order', async () => {
  const client = await aClient(await aServer());

  await client.send(post('one') + post('two') + post('three'));

  expect(await client.bodies(3)).toEqual(['node one', 'node two', 'node three']);
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

describe('who says something doubtful hears what Node says about it', () => {
  test.each([
    ['two lengths', post('{}', 'content-length: 3')],
    ['a length and chunks', post('0\r\n\r\n', 'transfer-encoding: chunked')],
    ['a length that is none', post('{}').replace('length: 2', 'length: +2')],
    ['a line feed alone', post('{}', 'x-a: 1\nx-b: 2')],
    ['a line that goes on', post('{}', 'x-a: 1', ' 2')],
    ['a space before the colon', post('{}', 'x-a : 1')],
    ['no host', post('{}').replace('host: a\r\n', '')],
    ['no HTTP', 'hello\r\n\r\n'],
    ['a head that is too long', post('{}', `x-a: ${'a'.repeat(20_000)}`)],
  ])('%s', async (_what, request) => {
    const [ours, nodes] = [await aServer(), await aServer('by Node')];
    const [client, clientOfNode] = [await aClient(ours), await aClient(nodes)];

    client.socket.write(request);
    clientOfNode.socket.write(request);

    expect(await client.statusLine()).toBe(await clientOfNode.statusLine());
    expect(client.received()).not.toContain('plain');
  });
});

test('what is given back is read by Node', async () => {
  const client = await aClient(await aServer((_post, connection) => connection.handOver()));

  await client.send(post('one'));

  expect(await client.bodies(1)).toEqual(['node one']);
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
