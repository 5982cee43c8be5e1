import { describe, expect, test } from '@jest/globals';
import { createTicker } from './ticker.js';

const counting = () => {
  const calls = { count: 0 };
  return { calls, call: () => void (calls.count += 1) };
};

describe('ticker', () => {
  test('gives its first value at once', async () => {
    const ticker = createTicker({ intervalMs: 60_000, produce: () => 'now', onEnd: () => undefined });

    expect(await ticker.next()).toEqual({ done: false, value: 'now' });
    await ticker.return?.();
  });

  test('return ends a waiting read at once, and ends once', async () => {
    const { calls, call } = counting();
    const ticker = createTicker({ intervalMs: 60_000, produce: () => 'now', onEnd: call });
    await ticker.next();
    const waiting = ticker.next();

    await ticker.return?.();
    await ticker.return?.();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(calls.count).toBe(1);
  });

  test('an ended ticker gives nothing, even when nobody had read yet', async () => {
    const ticker = createTicker({ intervalMs: 1, produce: () => 'now', onEnd: () => undefined });

    await ticker.return?.();

    expect(await ticker.next()).toEqual({ done: true, value: undefined });
  });
});
