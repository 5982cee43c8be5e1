import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Child process: the same answer by Node's servers of HTTP/1.1 and of HTTP/2 without TLS. It sends their two ports. */
const text = JSON.stringify({
  data: { _entities: Array.from({ length: 10 }, (_, id) => ({ id, name: 'x'.repeat(80) })) },
});
const answer = Buffer.from(text);

function respond(request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void {
  request.on('data', () => undefined);
  request.once('end', () => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('content-length', answer.length);
    response.end(answer);
  });
}

const servers = [createServer(respond), createHttp2Server(respond)];
for (const server of servers) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}
process.once('disconnect', () => process.exit());
process.send?.(servers.map((server) => (server.address() as AddressInfo).port));
