import { describe, expect, test } from '@jest/globals';
import type { CacheOutcome } from './cache.js';
import { createInProcessCache } from './in-process-cache.js';

describe('createInProcessCache', () => {
  test('drops the entry that was not used for longest when there are too many', async () => {
    const cache = createInProcessCache({ maxEntries: 2 });
    await cache.set('a', '1', { ttlSeconds: 60 });
    await cache.set('b', '2', { ttlSeconds: 60 });
    await cache.get('a');

    await cache.set('c', '3', { ttlSeconds: 60 });

    expect(await cache.get('b')).toBeUndefined();
    expect(await cache.get('a')).toBe('1');
    expect(await cache.get('c')).toBe('3');
  });

  test('drops entries when they take too much memory', async () => {
    const cache = createInProcessCache({ maxBytes: 2 * (1 + 100) });
    await cache.set('a', 'x'.repeat(100), { ttlSeconds: 60 });

    await cache.set('b', 'y'.repeat(100), { ttlSeconds: 60 });

    expect(await cache.get('a')).toBeUndefined();
    expect(await cache.get('b')).toBe('y'.repeat(100));
  });

  test('keeps nothing that is larger than its memory', async () => {
    const cache = createInProcessCache({ maxBytes: 10 });

    await cache.set('a', 'x'.repeat(100), { ttlSeconds: 60 });

    expect(await cache.get('a')).toBeUndefined();
  });

  test('answers a value until its last millisecond and not after', async () => {
    let nowMs = 1_000;
    const cache = createInProcessCache({ now: () => nowMs });
    await cache.set('a', '1', { ttlSeconds: 5 });

    nowMs = 5_999;
    expect(await cache.get('a')).toBe('1');
    nowMs = 6_000;
    expect(await cache.get('a')).toBeUndefined();
  });

  test('reports every read as a hit or a miss', async () => {
    const outcomes: CacheOutcome[] = [];
    const cache = createInProcessCache({ observe: (outcome) => outcomes.push(outcome) });
    await cache.set('a', '1', { ttlSeconds: 60 });

    await cache.get('a');
    await cache.get('b');

    expect(outcomes).toEqual(['hit', 'miss']);
  });
});
