import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ConnectionPool } from './connection-pool.js';
import { ReadingOrder, type LargeReader } from './reading-order.js';
import { ResponseReader } from './response-reader.js';
import { SpareBlocks } from './spare-blocks.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader that has paused, and what it did in which turn. */
function aReader(order: ReadingOrder, name: string, log: string[]): LargeReader & { pause(bytes?: number): void } {
  return {
    isPaused: true,
    readOn() {
      Object.assign(this, { isPaused: false });
      log.push(name);
    },
    pause(bytes = 131_072) {
      Object.assign(this, { isPaused: true });
      order.enter(this, bytes);
    },
  };
}

/** Readers that have paused one after the other. */
function aLine(order: ReadingOrder, names: string, log: string[]): ReturnType<typeof aReader>[] {
  const readers = [...names].map((name) => aReader(order, name, log));
  for (const reader of readers) reader.pause();
  return readers;
}

test('of many large answers the first ones are read on, until they are through', async () => {
  // The clock stands: nobody's patience ends, however long a turn takes.
  const [order, log] = [new ReadingOrder({ areShort: false }, () => 1_000), [] as string[]];
  const readers = aLine(order, 'abcdef', log);

  await turn();
  expect(log.join('')).toBe('abcd');
  for (const reader of readers.slice(0, 4)) reader.pause();
  await turn();
  expect(log.join('')).toBe('abcdabcd');
  for (const reader of readers.slice(0, 4)) order.leave(reader);
  await turn();

  expect(log.join('')).toBe('abcdabcdef');
});

test('who waits for the network keeps nobody waiting for long', async () => {
  const [order, log] = [new ReadingOrder({ areShort: false }), [] as string[]];
  aLine(order, 'abcdef', log);

  while (log.length < 6) await wait(1);
  expect(log.join('')).toBe('abcdef');
});

test('while memory is short one is read until it is through, and one that stalls is passed by', async () => {
  const memory = { areShort: true };
  let nowMs = 1_000;
  const [order, log] = [new ReadingOrder(memory, () => nowMs), [] as string[]];
  const [first, second] = aLine(order, 'abc', log);

  await turn();
  first?.pause();
  await turn();
  expect(log.join('')).toBe('aa');
  nowMs += 1_000;
  second?.pause();
  await turn();
  expect(log.join('')).toBe('aab');
  memory.areShort = false;
  first?.pause();
  await turn();

  expect(log.join('')).toBe('aabac');
});

test('while memory is short one that is slow goes to the end of the line', async () => {
  let nowMs = 1_000;
  const [order, log] = [new ReadingOrder({ areShort: true }, () => nowMs), [] as string[]];
  const [slow, quick] = aLine(order, 'abc', log);
  await turn();
  expect(log.join('')).toBe('a');

  nowMs += 200;
  slow?.pause(1_000);
  await turn();
  expect(log.join('')).toBe('ab');
  nowMs += 200;
  quick?.pause();
  await turn();
  expect(log.join('')).toBe('abb');
  if (quick !== undefined) order.leave(quick);
  await turn();
  expect(log.join('')).toBe('abbc');
  nowMs += 200;
  while (log.length < 5) await wait(1);

  expect(log.join('')).toBe('abbca');
});

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

test('of many large answers at once each is whole, in little more memory than is kept', async () => {
  const server = createServer((_request, response) => {
    // Each a little at a time, as networks bring them: none is a burst.
    const write = (start: number): void => {
      if (start >= body.length) response.end();
      else response.write(body.subarray(start, start + 20_000), () => setImmediate(() => write(start + 20_000)));
    };
    write(0);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const pool = new ConnectionPool({ host: '127.0.0.1', port, maxConnections: 60, connectTimeoutMs: 5_000 });
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
  let most = 0;
  const sampler = setInterval(() => (most = Math.max(most, pool.spareBlocks.inUse)), 1);
  const answers = await Promise.all(Array.from({ length: 60 }, ask));
  clearInterval(sampler);

  expect(answers.every((answer) => answer === body.toString())).toBe(true);
  // Each of them may have begun another two by the time that others have taken the last.
  expect(most).toBeLessThanOrEqual(64 + 2 * 60);
  expect(most).toBeGreaterThan(64);
  expect(pool.spareBlocks.inUse).toBe(0);
  await pool.close();
  server.close();
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
