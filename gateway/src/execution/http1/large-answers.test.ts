import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { http } from '@tessera/service/http';
import { ConnectionPool } from './connection-pool.js';
import { ResponseReader } from './response-reader.js';
import { SpareBlocks } from './spare-blocks.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const body = Buffer.from(Array.from({ length: 50_000 }, (_, index) => `{"number":${index}}`).join(''));
const chunked = (): Buffer => {
  const chunks = Array.from({ length: Math.ceil(body.length / 7_001) }, (_, index) =>
    body.subarray(index * 7_001, (index + 1) * 7_001),
  );
  const parts = chunks.map((chunk) => Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk]));
  const end = Buffer.from('\r\n');
  return Buffer.concat([...parts.flatMap((part) => [part, end]), Buffer.from('0\r\n\r\n')]);
};

test.each<[string, () => Buffer, boolean]>([
  [
    'in chunks',
    () => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'), chunked()]),
    false,
  ],
  ['that ends with its connection', () => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body]), true],
])('an answer %s is whole, in memory that was used before', (_name, make, endsWithConnection) => {
  const spare = new SpareBlocks();
  const message = make();
  for (const pieceBytes of [65_536, 1_000_000, 9_973]) {
    const reader = new ResponseReader(2_000_000, spare);
    let answer;
    for (let start = 0; start < message.length; start += pieceBytes) {
      // The bytes are written over once they were read.
      const piece = Buffer.from(message.subarray(start, start + pieceBytes));
      answer = reader.read(piece);
      piece.fill(0);
    }
    if (endsWithConnection) answer = reader.end();
    reader.discard();

    expect(answer?.body === body.toString()).toBe(true);
  }
});

/** Sends an answer a little at a time, as networks bring it: none is a burst. */
function trickle(response: ServerResponse, start = 0): void {
  if (start >= body.length) response.end();
  else
    response.write(body.subarray(start, start + 20_000), () => setImmediate(() => trickle(response, start + 20_000)));
}

const closings: (() => unknown)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const close of closings.splice(0).reverse()) await close();
});

/** Connections to a server of large answers. */
async function aPool(): Promise<{ pool: ConnectionPool; server: Server; ask: () => Promise<string> }> {
  const server = http.createServer((_request, response) => trickle(response)).listen(0, '127.0.0.1');
  closings.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new ConnectionPool({
    host: '127.0.0.1',
    port,
    maxConnections: 60,
    connectTimeoutMs: 5_000,
    maxAgeMs: 60_000,
  });
  closings.push(() => pool.close());
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      pool.send({
        head: 'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n',
        body: '',
        maxBytes: 2_000_000,
        isOver: false,
        begin: () => undefined,
        answer: (answer) => resolve(String(answer.body)),
        fail: reject,
      });
    });
  return { pool, server, ask };
}

test('of many large answers at once each is whole, in little more memory than is kept', async () => {
  const { pool, ask } = await aPool();
  let most = 0;
  const sampler = setInterval(() => (most = Math.max(most, pool.spareBlocks.inUse)), 1);
  closings.push(() => clearInterval(sampler));
  const answers = await Promise.all(Array.from({ length: 60 }, ask));

  expect(answers.every((answer) => answer === body.toString())).toBe(true);
  // Each of them may have begun another two by the time that others have taken the last.
  expect(most).toBeLessThanOrEqual(64 + 2 * 60);
  expect(most).toBeGreaterThan(64);
  expect(pool.spareBlocks.inUse).toBe(0);
});

test('memory for large answers goes too when all connections have gone', async () => {
  jest.useFakeTimers({
    doNotFake: [
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
      'performance',
    ],
  });
  const { pool, server, ask } = await aPool();
  await ask();
  expect(pool.spareBlocks.kept).toBeGreaterThan(0);
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;

  for (let second = 0; second < 200; second += 1) {
    jest.advanceTimersByTime(1_000);
    await turn();
  }

  expect(pool.spareBlocks.kept).toBe(0);
  expect(jest.getTimerCount()).toBe(0);
});

test('blocks are used again, up to a limit, and let go in time', () => {
  const spare = new SpareBlocks();
  const blocks = Array.from({ length: 300 }, () => spare.take());
  spare.giveBack(blocks);

  const again = Array.from({ length: 300 }, () => spare.take());
  expect(again.filter((block) => blocks.includes(block))).toHaveLength(256);
  spare.giveBack(again);
  // The first time tells how many nobody has needed.
  for (let times = 0; times < 100; times += 1) spare.shrink();

  expect(blocks.includes(spare.take())).toBe(false);
});
