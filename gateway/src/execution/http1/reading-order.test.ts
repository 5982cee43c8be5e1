import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { ReadingOrder, type LargeReader } from './reading-order.js';

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
