import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { watchMemory } from './watch-memory.js';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('memory is watched while work lasts', async () => {
  const work = Promise.withResolvers<void>();
  const exceeded = new EventTarget();
  const told = once(exceeded, 'told');

  watchMemory(1, () => exceeded.dispatchEvent(new Event('told'))).during(work.promise);

  await told;
  work.resolve();
  await work.promise;
});

test('what has grown by the end of the work is noticed then', async () => {
  let told = 0;

  watchMemory(1, () => (told += 1)).during(Promise.reject(new Error('It was refused')));
  await Promise.resolve();

  expect(told).toBe(1);
});

test('nothing wakes the process once the last of several works is over', async () => {
  const before = timers();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const watch = watchMemory(Number.MAX_SAFE_INTEGER, () => undefined);
  watch.during(first.promise);
  watch.during(second.promise);

  first.resolve();
  await first.promise;
  const during = timers();
  second.resolve();
  await second.promise;

  expect([during, timers()]).toEqual([before + 1, before]);
});
