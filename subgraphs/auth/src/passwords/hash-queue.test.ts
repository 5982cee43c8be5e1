import { describe, expect, test } from '@jest/globals';
import { HashQueue } from './hash-queue.js';

/** Work that ends when it is told to. */
function someWork(started: string[]) {
  const ends = new Map<string, () => void>();
  const work = (name: string) => (): Promise<string> => {
    started.push(name);
    return new Promise((resolve) => ends.set(name, () => resolve(name)));
  };
  return { work, end: (name: string) => ends.get(name)?.() };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the queue of hashes', () => {
  test('runs so many at once, and those who wait in turn, a line for each key', async () => {
    const queue = new HashQueue({ maxConcurrent: 1, maxWaiting: 10, maxWaitMs: 60_000 });
    const started: string[] = [];
    const { work, end } = someWork(started);

    const all = ['a1', 'a2', 'a3', 'b1'].map((name) => queue.run(name.slice(0, 1), work(name)));
    for (const name of ['a1', 'a2', 'b1', 'a3']) {
      await settled();
      end(name);
    }

    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1']);
    expect(started).toEqual(['a1', 'a2', 'b1', 'a3']);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test('sends away who comes when too many wait, and still lets another key in', async () => {
    const queue = new HashQueue({ maxConcurrent: 1, maxWaiting: 2, maxWaitMs: 60_000 });
    const { work, end } = someWork([]);
    const first = queue.run('a', work('a1'));
    const waiting = [queue.run('a', work('a2')), queue.run('a', work('a3'))];

    await expect(queue.run('a', work('a4'))).rejects.toMatchObject({
      code: 'OVERLOADED',
      retryAfterSeconds: expect.any(Number),
    });
    expect(() => queue.assertRoom('a')).toThrow('Too many passwords');
    expect(() => queue.assertRoom('b')).not.toThrow();
    const other = queue.run('b', work('b1'));

    for (const name of ['a1', 'a2', 'b1', 'a3']) {
      end(name);
      await settled();
    }
    await Promise.all([first, ...waiting, other]);
  });

  test('sends away who has waited for too long, and runs on after work that failed', async () => {
    const queue = new HashQueue({ maxConcurrent: 1, maxWaiting: 2, maxWaitMs: 5 });
    const { work, end } = someWork([]);
    const first = queue.run('a', work('a1'));

    await expect(queue.run('a', work('a2'))).rejects.toMatchObject({ code: 'OVERLOADED' });
    end('a1');
    await first;
    await expect(queue.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');

    expect(await queue.run('a', async () => 'after')).toBe('after');
  });

  test('lets others have the turn of who waits or hashes, and gives it back however that ends', async () => {
    const queue = new HashQueue({ maxConcurrent: 1, maxWaiting: 1, maxWaitMs: 60_000 });
    const { work, end } = someWork([]);
    let aside = 0;
    const standAside = () => {
      aside += 1;
      return () => void (aside -= 1);
    };

    const all = [queue.run('a', work('a1'), standAside), queue.run('a', work('a2'), standAside)];
    expect(aside).toBe(2);
    await expect(queue.run('a', work('a3'), standAside)).rejects.toThrow('Too many passwords');
    expect(aside).toBe(2);
    for (const name of ['a1', 'a2']) {
      end(name);
      await settled();
    }
    await Promise.all(all);
    await expect(queue.run('a', () => Promise.reject(new Error('broken')), standAside)).rejects.toThrow('broken');

    expect(aside).toBe(0);
  });
});
