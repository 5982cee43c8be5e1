import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { PlainPosts } from '@tessera/gateway/transport/http/plain/plain-posts';
import type { PlainPost, PostConnection } from '@tessera/gateway/transport/http/plain/post-connection';
import { eventually } from '../../support/eventually.js';
import type { Leftovers } from '../../support/leftovers.js';

/** How a POST is answered that was read past Node's parser. */
export type Serve = (post: PlainPost, connection: PostConnection) => void;

export const answer = (connection: PostConnection, body: string): void =>
  connection.answer(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`, body, body.length, false);
export const atOnce: Serve = ({ body }, connection) => answer(connection, `plain ${body.toString()}.`);

/** A server that answers which way a request went, and its body. */
export async function startPlainPosts(leftovers: Leftovers, serve: Serve | 'by Node' = atOnce, restTimeoutMs = 60_000) {
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

export type PlainPostServer = Awaited<ReturnType<typeof startPlainPosts>>;

/** A client that writes its requests by hand, piece by piece. */
export async function connectClient(leftovers: Leftovers, { port, accepted }: PlainPostServer) {
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

export const post = (body: string, ...fields: readonly string[]): string =>
  ['POST /graphql HTTP/1.1', 'host: a', `content-length: ${body.length}`, ...fields, '', body].join('\r\n');
export const get = 'GET /graphql HTTP/1.1\r\nhost: a\r\n\r\n';
