import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import { PostReader } from '@tessera/gateway/transport/http/plain/post-reader';
import fc from 'fast-check';

interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What Node's parser tells of bytes; a server reads them without a socket. */
function readByNode(server: Server, bytes: Buffer): Promise<readonly Told[]> {
  return new Promise((resolve, reject) => {
    const told: Promise<Told>[] = [];
    const connection = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    server.removeAllListeners('request').removeAllListeners('clientError');
    server.on('clientError', reject);
    server.on('request', (message, response) => {
      told.push(textOf(message).then((body) => ({ headers: message.headers, body })));
      response.end();
    });
    server.emit('connection', connection);
    connection.push(bytes);
    setImmediate(() => setImmediate(() => Promise.all(told).then(resolve, reject)));
  });
}

const server = createServer();
afterAll(() => void server.close());

const plain =
  'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nConnection: keep-alive\r\nX-A: b \r\n\r\n{"query": 1}';
const pieces = fc.constantFrom(
  ...[
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\t',
    ':',
    ',',
    ';',
    '0',
    '1',
    '+',
    '-',
    '"',
    'x',
    '\u0000',
    '\u007f',
    '\u00e9',
    '__proto__',
  ],
  ...['content-length: 12\r\n', 'transfer-encoding: chunked\r\n', 'x-b: 1\r\n', 'host: b\r\n', 'upgrade: a\r\n', '{}'],
);
/** Something put in at a place, instead of so many characters. */
const edit = fc.record({ at: fc.nat(plain.length), instead: fc.nat(2), piece: fc.oneof(fc.constant(''), pieces) });

test('whatever bytes are taken for a plain POST, Node takes for the very same', async () => {
  let taken = 0;

  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 3 }), async (edits) => {
      const text = edits.reduce(
        (now, { at, instead, piece }) => now.slice(0, at) + piece + now.slice(at + instead),
        plain,
      );
      const bytes = Buffer.from(text, 'latin1');
      const post = new PostReader('/graphql', 50).read(bytes);
      if (post === undefined || post === 'more') return;
      taken += 1;
      const body = bytes.toString('utf8', post.bodyStart);
      expect(await readByNode(server, bytes)).toEqual([{ headers: post.headers, body }]);
    }),
    { numRuns: 1_000 },
  );

  expect(taken).toBeGreaterThan(50);
}, 60_000);
