import { expect, test } from '@jest/globals';
import { EventQueue } from './event-queue.js';

const done = { done: true, value: undefined };

test('items come out in the order in which they went in, to who waits and to who comes later', async () => {
  const queue = new EventQueue<number>(10);
  const waiting = queue.next();

  queue.push(1);
  queue.push(2);

  expect(await waiting).toEqual({ done: false, value: 1 });
  expect(await queue.next()).toEqual({ done: false, value: 2 });
});

test('what is buffered is still taken after the upstream has finished; then its error comes once', async () => {
  const queue = new EventQueue<number>(10);
  queue.push(1);
  queue.finish({ error: new Error('gone') });
  queue.push(2);

  expect(await queue.next()).toEqual({ done: false, value: 1 });
  await expect(queue.next()).rejects.toThrow('gone');
  expect(await queue.next()).toEqual(done);
});

test('one item too many ends the queue with OVERLOADED, and drops what was buffered', async () => {
  const queue = new EventQueue<number>(2);
  for (const item of [1, 2, 3]) queue.push(item);

  await expect(queue.next()).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(await queue.next()).toEqual(done);
});

test('a cut ends the waiting at once with its reason', async () => {
  const queue = new EventQueue<number>(2);
  const waiting = queue.next();

  queue.cut(new Error('expired'));

  await expect(waiting).rejects.toThrow('expired');
});

test('closing ends the waiting without an error', async () => {
  const queue = new EventQueue<number>(2);
  const waiting = queue.next();

  queue.close();

  expect(await waiting).toEqual(done);
});
