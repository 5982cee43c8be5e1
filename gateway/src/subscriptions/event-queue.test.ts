import { expect, test } from '@jest/globals';
import type { Take } from '../transport/pour-stream.js';
import { EventQueue, type EventQueueOptions } from './event-queue.js';

const done = { done: true, value: undefined };

const item = (name: string, byteLength = 1) => ({ name, byteLength });

type Item = ReturnType<typeof item>;

function createQueue(options: Partial<EventQueueOptions<Item>> = {}) {
  const told: string[] = [];
  const queue = new EventQueue<Item>(
    {
      maxItems: 10,
      maxBytes: 100,
      keepsLatest: false,
      onReplaced: () => told.push('replaced'),
      onTaken: () => undefined,
      ...options,
    },
    { fellBehind: () => told.push('full') },
  );
  return { queue, told };
}

/** @returns rejects with what the queue ended with, if it failed */
function pour(queue: EventQueue<Item>, take: Take<Item>): Promise<void> {
  return new Promise((resolve, reject) => {
    queue.pour(take, (failure) => (failure === undefined ? resolve() : reject(failure.error as Error)));
  });
}

test('items come out in the order in which they went in, to who waits and to who comes later', async () => {
  const { queue } = createQueue();
  const waiting = queue.next();

  queue.push(item('a'));
  queue.push(item('b'));

  expect(await waiting).toEqual({ done: false, value: item('a') });
  expect(await queue.next()).toEqual({ done: false, value: item('b') });
});

test('what is buffered is still taken after the upstream has finished; then its error comes once', async () => {
  const { queue } = createQueue();
  queue.push(item('a'));
  queue.finish({ error: new Error('gone') });
  queue.push(item('b'));

  expect(await queue.next()).toEqual({ done: false, value: item('a') });
  await expect(queue.next()).rejects.toThrow('gone');
  expect(await queue.next()).toEqual(done);
});

test('one item too many ends the queue with OVERLOADED, and drops what was buffered', async () => {
  const { queue, told } = createQueue({ maxItems: 2 });
  for (const name of ['a', 'b', 'c']) queue.push(item(name));

  await expect(queue.next()).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(await queue.next()).toEqual(done);
  expect(told).toEqual(['full']);
});

test('items that are too large together end the queue; one alone may be as large as it is', async () => {
  const { queue, told } = createQueue();
  queue.push(item('large', 1_000));
  expect(await queue.next()).toMatchObject({ value: { name: 'large' } });
  queue.push(item('a', 60));
  queue.push(item('b', 40));
  expect(told).toEqual([]);

  queue.push(item('c', 1));

  await expect(queue.next()).rejects.toMatchObject({ code: 'OVERLOADED' });
});

test('where only the latest counts, what waits goes for what comes', async () => {
  const { queue, told } = createQueue({ keepsLatest: true, maxItems: 1 });
  for (const name of ['a', 'b', 'c']) queue.push(item(name));

  expect(await queue.next()).toEqual({ done: false, value: item('c') });
  expect(told).toEqual(['replaced', 'replaced']);
});

test('a cut ends the waiting at once with its reason', async () => {
  const { queue } = createQueue();
  const waiting = queue.next();

  queue.cut(new Error('expired'));

  await expect(waiting).rejects.toThrow('expired');
});

test('closing ends the waiting without an error', async () => {
  const { queue } = createQueue();
  const waiting = queue.next();

  queue.close();

  expect(await waiting).toEqual(done);
});

test('items that are poured come at once and in order, what waited first, and then the end', async () => {
  const { queue } = createQueue();
  const taken: string[] = [];
  queue.push(item('a'));

  const end = pour(queue, ({ name }) => void taken.push(name));
  queue.push(item('b'));
  expect(taken).toEqual(['a', 'b']);
  queue.finish({ error: new Error('over') });

  await expect(end).rejects.toThrow('over');
});

test('who has no room is poured nothing until there is some, and the end comes after what waited', async () => {
  const { queue } = createQueue();
  const taken: string[] = [];
  let makeRoom: () => void = () => undefined;
  const end = pour(queue, ({ name }) => {
    taken.push(name);
    return new Promise((resolve) => (makeRoom = resolve));
  });

  for (const name of ['a', 'b']) queue.push(item(name));
  queue.finish();
  expect(taken).toEqual(['a']);
  makeRoom();
  await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toEqual(['a', 'b']);
  makeRoom();

  await end;
});

test('who is poured to is told of the end behind everything else that goes on', async () => {
  const { queue } = createQueue();
  const told: string[] = [];
  queue.pour(
    () => undefined,
    () => told.push('ended'),
  );

  queue.finish();
  told.push('finished');
  await Promise.resolve();

  expect(told).toEqual(['finished', 'ended']);
});

test('a queue is over when its end was taken, not when it was told', async () => {
  const { queue } = createQueue();
  const ended = pour(queue, () => undefined);

  queue.finish();
  expect(queue.isOver).toBe(false);
  await ended;

  expect(queue.isOver).toBe(true);
});

test('what a subscriber has taken is told, whichever way it takes it', async () => {
  const taken: string[] = [];
  const { queue } = createQueue({ onTaken: ({ name }) => taken.push(name) });
  const first = queue.next();
  for (const name of ['a', 'b', 'c']) queue.push(item(name));
  expect(taken).toEqual(['a']);

  await first;
  await queue.next();
  expect(taken).toEqual(['a', 'b']);
  queue.pour(
    () => undefined,
    () => undefined,
  );
  queue.push(item('d'));

  expect(taken).toEqual(['a', 'b', 'c', 'd']);
});

test('pouring ends with what its taker failed with, or when the subscriber has gone', async () => {
  const { queue: failing } = createQueue();
  const { queue: left } = createQueue();
  const failed = pour(failing, () => Promise.reject(new Error('no more')));
  const over = pour(left, () => undefined);

  failing.push(item('a'));
  left.close();

  await expect(failed).rejects.toThrow('no more');
  await over;
});

test('who has more than fits waits until half of it is taken', async () => {
  const { queue, told } = createQueue({ maxItems: 4 });
  for (const name of ['a', 'b', 'c']) queue.push(item(name));
  let hasRoom = false;
  const room = queue.untilRoom(60_000).then(() => (hasRoom = true));
  await Promise.resolve();
  expect(hasRoom).toBe(false);

  await queue.next();
  await room;

  expect(queue.isFilling).toBe(false);
  expect(told).toEqual([]);
});

test('a subscriber that makes no room in time ends with OVERLOADED', async () => {
  const { queue, told } = createQueue({ maxItems: 4 });
  for (const name of ['a', 'b', 'c']) queue.push(item(name));

  await queue.untilRoom(1);

  expect(told).toEqual(['full']);
  await expect(queue.next()).rejects.toMatchObject({ code: 'OVERLOADED' });
});

test('nobody waits for room in a queue that has ended', async () => {
  const { queue } = createQueue({ maxItems: 4 });
  for (const name of ['a', 'b', 'c']) queue.push(item(name));
  const room = queue.untilRoom(60_000);

  queue.close();

  await room;
});
