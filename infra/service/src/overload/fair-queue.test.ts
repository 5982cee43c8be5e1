import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { FairQueue, type Waiting } from './fair-queue.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const waiting = (): Waiting => ({
  key: 'a',
  untilMs: Number.POSITIVE_INFINITY,
  signal: undefined,
  enter: () => undefined,
  refuse: () => undefined,
});

test('nobody is held on to who was served, while others of the same line wait', async () => {
  const queue = new FairQueue();
  for (let count = 0; count < 10; count += 1) queue.push(waiting());

  const served = Array.from({ length: 9 }, () => new WeakRef(queue.shift() ?? {}));
  // A weak reference holds what it is made of until the end of the turn.
  await wait(0);
  collectGarbage();

  expect(served.filter((reference) => reference.deref() !== undefined)).toEqual([]);
  expect(queue.size).toBe(1);
});
