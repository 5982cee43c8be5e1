import { describe, expect, test } from '@jest/globals';
import { createPlanStore } from './plan-store.js';

const aStore = () => createPlanStore<{ readonly name: string }>({ maxEntries: 2, maxKeyCharacters: 1_000 });

describe('the plan store', () => {
  test('lets everybody who asks meanwhile wait for the one who makes', async () => {
    const store = aStore();
    const { promise, resolve } = Promise.withResolvers<{ readonly name: string }>();
    let made = 0;
    const make = () => {
      made += 1;
      return promise;
    };

    const waiting = [store.get('a', make), store.get('a', make)];
    resolve({ name: 'a' });
    const [first, second] = await Promise.all(waiting);

    expect(first).toBe(second);
    expect(await store.get('a', make)).toBe(first);
    expect(made).toBe(1);
  });

  test('tells a failure to everybody who waits, and tries again afterwards', async () => {
    const store = aStore();
    const fail = () => Promise.reject(new Error('not now'));

    const results = await Promise.allSettled([store.get('a', fail), store.get('a', fail)]);

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(store.get('a', () => Promise.resolve({ name: 'a' }))).resolves.toEqual({ name: 'a' });
  });

  test('is bounded by entries and by the size of their keys', async () => {
    const store = aStore();
    for (const key of ['a', 'b', 'c', 'd'.repeat(2_000)]) await store.get(key, () => Promise.resolve({ name: key }));

    expect(store.size).toBe(2);
  });
});
