import { describe, expect, test } from '@jest/globals';
import { SharedFeeds } from './shared-feeds.js';

const counting = () => {
  const calls = { count: 0 };
  return { calls, call: () => void (calls.count += 1) };
};

describe('shared feeds', () => {
  test('a tenant’s feed is opened for the first holder and closed after the last', () => {
    const { calls: closes, call } = counting();
    const opens: string[] = [];
    const feeds = new SharedFeeds((tenantId) => {
      opens.push(tenantId);
      return { close: call };
    });
    const [a, b, other] = [feeds.hold('t'), feeds.hold('t'), feeds.hold('u')];

    a.release();
    a.release();

    expect(opens).toEqual(['t', 'u']);
    expect(a.feed).toBe(b.feed);
    expect([closes.count, feeds.size]).toEqual([0, 2]);
    b.release();
    other.release();
    expect([closes.count, feeds.size]).toEqual([2, 0]);
  });
});
