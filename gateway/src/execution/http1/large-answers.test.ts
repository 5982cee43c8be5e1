import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ReadingOrder, type LargeReader } from './reading-order.js';
import { ResponseReader } from './response-reader.js';
import { SpareBlocks } from './spare-blocks.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A reader that has paused, and what it did in which turn. */
function aReader(order: ReadingOrder, name: string, log: string[]): LargeReader & { pause(): void } {
  return {
    isPaused: true,
    readOn() {
      Object.assign(this, { isPaused: false });
      log.push(name);
    },
    pause() {
      Object.assign(this, { isPaused: true });
      order.enter(this);
    },
  };
}

test('of many large answers the first ones are read on, until they are through', async () => {
  // The clock stands: nobody's patience ends, however long a turn takes.
  const [order, log] = [new ReadingOrder(() => 1_000), [] as string[]];
  const readers = [...'abcdef'].map((name) => aReader(order, name, log));
  for (const reader of readers) reader.pause();

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
  const [order, log] = [new ReadingOrder(), [] as string[]];
  for (const name of 'abcdef') aReader(order, name, log).pause();

  while (log.length < 6) await wait(1);
  expect(log.join('')).toBe('abcdef');
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

test('blocks are used again, up to a limit, and let go in time', () => {
  const spare = new SpareBlocks();
  const blocks = Array.from({ length: 300 }, () => spare.take());
  spare.giveBack(blocks);

  const again = Array.from({ length: 300 }, () => spare.take());
  expect(again.filter((block) => blocks.includes(block))).toHaveLength(256);
  spare.giveBack(again);
  for (let times = 0; times < 9; times += 1) spare.shrink();

  expect(blocks).not.toContain(spare.take());
});
