import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { Cancellation } from '@tessera/gateway/execution/cancellation';
import { createPlainChannel } from '@tessera/gateway/execution/plain-channel';
import type { ChannelOptions } from '@tessera/gateway/execution/subgraph-channel';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const ok = (body: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

interface Origin {
  readonly server: Server;
  readonly sockets: Socket[];
  /** What has come, over all connections. */
  received(): string;
  requests(): number;
}

/** A server that answers each request's bytes as it is told. */
async function anOrigin(onRequest: (socket: Socket, text: string) => void): Promise<Origin> {
  const sockets: Socket[] = [];
  const texts: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      texts.push(bytes.toString('latin1'));
      onRequest(socket, bytes.toString('latin1'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  leftovers.defer('origin', () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { server, sockets, received: () => texts.join(''), requests: () => texts.length };
}

function aChannel({ server }: Origin, options: Partial<ChannelOptions> = {}) {
  const { port } = server.address() as AddressInfo;
  const channel = createPlainChannel({
    origin: `http://127.0.0.1:${port}`,
    headers: ['accept', 'application/json'],
    maxResponseBytes: 1_000_000,
    maxConnections: 2,
    connectTimeoutMs: 1_000,
    maxAgeMs: 60_000,
    ...options,
  });
  const post = (body: string, headers: readonly string[] = [], cancellation = new Cancellation()) =>
    channel.post('/graphql?a=1', headers, body, cancellation);
  return { channel, post };
}

test('a request has its target, its headers byte by byte, its length and its body', async () => {
  const origin = await anOrigin((socket) => socket.write(ok('fine')));
  const { channel, post } = aChannel(origin);

  expect(await post('{"a":"ä"}', ['x-name', 'Jos\u00e9'])).toMatchObject({ statusCode: 200, body: 'fine' });

  const host = `127.0.0.1:${(origin.server.address() as AddressInfo).port}`;
  expect(origin.received()).toBe(
    `POST /graphql?a=1 HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\naccept: application/json\r\n` +
      `x-name: Jos\u00e9\r\ncontent-length: 10\r\n\r\n${Buffer.from('{"a":"ä"}').toString('latin1')}`,
  );
  await channel.close();
});

test('no more connections are opened than are allowed, and what waits for one is answered in its turn', async () => {
  const origin = await anOrigin((socket, text) => socket.write(ok(text.slice(-1))));
  const { channel, post } = aChannel(origin);

  const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => post(String(index))));

  expect(answers.map(({ body }) => body)).toEqual([...'0123456789']);
  expect(origin.sockets).toHaveLength(2);
  await channel.close();
});

test('bytes that nobody asked for are nobody\u2019s answer', async () => {
  const origin = await anOrigin((socket, text) => {
    socket.write(ok(text.slice(-1)));
    // Behind the answer, in a segment of its own.
    setImmediate(() => socket.write(ok('stolen')));
  });
  const { channel, post } = aChannel(origin);

  for (const body of '0123456789') expect(await post(body)).toMatchObject({ body });
  await channel.close();
});

test('a connection that the server has closed is not used again', async () => {
  const origin = await anOrigin((socket) => socket.end(ok('last')));
  const { channel, post } = aChannel(origin);

  for (let time = 0; time < 5; time += 1) {
    expect(await post('x')).toMatchObject({ body: 'last' });
    await eventually(() => origin.sockets.every(({ destroyed }) => destroyed));
  }

  expect(origin.sockets).toHaveLength(5);
  await channel.close();
});

test('a connection is replaced when it has got old, between two requests, and carries many before', async () => {
  const origin = await anOrigin((socket, text) => socket.write(ok(text.slice(-1))));
  const { channel, post } = aChannel(origin, { maxAgeMs: 200 });
  let answered = 0;

  for (; origin.sockets.length < 4; answered += 1) expect(await post('x')).toMatchObject({ body: 'x' });

  expect(answered).toBeGreaterThan(10 * origin.sockets.length);
  expect(origin.sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(2);
  await channel.close();
});

test('an answer that the connection cuts short is a lost connection', async () => {
  const origin = await anOrigin((socket) => socket.end(ok('whole').slice(0, -1)));
  const { channel, post } = aChannel(origin);

  await expect(post('x')).rejects.toMatchObject({ code: 'ECONNRESET' });
  await channel.close();
});

test('a port where nobody listens is told as such', async () => {
  const origin = await anOrigin(() => undefined);
  const { channel, post } = aChannel(origin);
  origin.server.close();
  await once(origin.server, 'close');

  await expect(post('x')).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
  await channel.close();
});

test('a request that is given up ends at the server too, and one that waits is never sent', async () => {
  const origin = await anOrigin((socket, text) => {
    if (text.endsWith('answer')) socket.write(ok('fine'));
  });
  const { channel, post } = aChannel(origin, { maxConnections: 1 });
  const [first, second] = [new Cancellation(), new Cancellation()];
  const reason = new Error('nobody waits');
  const hanging = expect(post('hang', [], first)).rejects.toBe(reason);
  await eventually(() => origin.requests() === 1);
  const waiting = expect(post('never', [], second)).rejects.toBe(reason);

  second.cancel(reason);
  first.cancel(reason);

  await Promise.all([hanging, waiting]);
  await eventually(() => origin.sockets[0]?.destroyed === true);
  expect(await post('answer')).toMatchObject({ body: 'fine' });
  expect(origin.received()).not.toContain('never');
  await channel.close();
});

test('closing waits for what is under way, and refuses what comes', async () => {
  let answer: (() => void) | undefined;
  const origin = await anOrigin((socket) => (answer = () => socket.write(ok('late'))));
  const { channel, post } = aChannel(origin);
  const pending = post('x');
  await eventually(() => answer !== undefined);

  const closing = channel.close();
  await expect(post('y')).rejects.toMatchObject({ code: 'ECONNRESET' });
  answer?.();

  expect(await pending).toMatchObject({ body: 'late' });
  await closing;
  await eventually(() => origin.sockets.every(({ destroyed }) => destroyed));
});
