import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { exactly } from './exactly.js';

const chunks = Array.from({ length: 6 }, () => Buffer.alloc(65_536));
const sizeBytes = 6 * 65_536;

// Streams go on by these, and only deadlines wait for the clock.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => void jest.useRealTimers());

const stallTimeoutMs = 30_000;

/** Lets streams do what they can, and then time pass, more than a source may be silent. */
async function waitLong(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  jest.advanceTimersByTime(2 * stallTimeoutMs);
}

/** A disk that is written to when it is told so. */
function createDisk() {
  const waiting: (() => void)[] = [];
  let writtenBytes = 0;
  const disk = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      writtenBytes += chunk.length;
      waiting.push(done);
    },
  });
  return { disk, written: () => writtenBytes, writeOn: () => waiting.shift()?.() };
}

test('a source that has sent is not silent, however long the disk takes', async () => {
  const { disk, written, writeOn } = createDisk();
  const stored = pipeline(Readable.from(chunks, { objectMode: false }), exactly(sizeBytes, stallTimeoutMs), disk);

  for (let count = 0; count < chunks.length; count += 1) {
    await waitLong();
    writeOn();
  }

  await stored;
  expect(written()).toBe(sizeBytes);
});

test('a source that sends no more is silent, though the disk was slow before', async () => {
  const { disk, writeOn } = createDisk();
  const source = new PassThrough();
  const stored = pipeline(source, exactly(sizeBytes, stallTimeoutMs), disk);
  const refused = expect(stored).rejects.toMatchObject({ code: 'BAD_USER_INPUT', message: 'The upload stalled' });
  source.write(chunks[0]);
  await waitLong();

  writeOn();
  await waitLong();

  await refused;
});

test.each([
  ['too few', sizeBytes + 1, 'BAD_USER_INPUT'],
  ['too many', sizeBytes - 1, 'OPERATION_TOO_LARGE'],
])('%s bytes are refused', async (_what, granted, code) => {
  const through = pipeline(
    Readable.from(chunks, { objectMode: false }),
    exactly(granted, stallTimeoutMs),
    new PassThrough().resume(),
  );

  await expect(through).rejects.toMatchObject({ code });
});
