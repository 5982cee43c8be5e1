import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Server } from 'node:http';
import { lingerAtClose } from './linger-at-close.js';
import { http } from './node-http.js';

let server: Server;
const requested: string[] = [];

beforeEach(async () => {
  requested.length = 0;
  server = http.createServer((request, response) => {
    requested.push(request.url ?? '');
    response.writeHead(413, { connection: 'close' }).end('too large');
  });
  lingerAtClose(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
});

describe('a server that refuses a request before it has come whole', () => {
  test('is heard by a client that writes on, and reads last', async () => {
    const client = connectTo(server);
    client.pause();
    client.write('POST /large HTTP/1.1\r\nhost: server\r\ntransfer-encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    for (let count = 0; count < 100; count += 1) {
      await new Promise<void>((resolve, reject) => {
        client.write(chunk, (error) => (error instanceof Error ? reject(error) : resolve()));
      });
    }

    expect(await readAll(client)).toMatch(/^HTTP\/1\.1 413 [^]*too large/);
  });

  test('closes the connection of a client that never ends', async () => {
    const client = connectTo(server);
    const [accepted] = (await once(server, 'connection')) as [Socket];
    client.write('POST /large HTTP/1.1\r\nhost: server\r\ncontent-length: 1000000\r\n\r\nhere it begins');

    expect(await readAll(client)).toContain('413');
    expect(accepted.destroyed).toBe(false);
    await once(accepted, 'close');
    client.destroy();
  });

  test('does not take what follows for another request', async () => {
    const client = connectTo(server);
    const request = (path: string) => `POST ${path} HTTP/1.1\r\nhost: server\r\ncontent-length: 0\r\n\r\n`;
    client.write(request('/first'));

    expect(await readAll(client)).toContain('413');
    client.end(request('/second'));
    await once(client, 'close');
    expect(requested).toEqual(['/first']);
  });
});

function connectTo(listening: Server): Socket {
  return connect({ port: (listening.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true });
}

async function readAll(client: Socket): Promise<string> {
  let text = '';
  client.on('data', (bytes) => (text += String(bytes)));
  client.resume();
  await once(client, 'end');
  return text;
}
