import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LiveConnections, type ConnectionObserver, type LiveConnection } from './live-connections.js';

const drainMs = 5_000;
const bucketMs = 100;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A connection that is over as soon as it is asked to move. */
function createConnection(onLeave: () => void): LiveConnection {
  let observer: ConnectionObserver | undefined;
  const leave = (): void => {
    onLeave();
    observer?.closed(connection);
  };
  const observe = (given: ConnectionObserver): void => void (observer = given);
  const connection: LiveConnection = { caller: undefined, observe, leave, endSession: leave, cut: leave };
  return connection;
}

function open(count: number) {
  const limits = { maxConnections: 50_000, maxConnectionsPerCaller: 1, maxConnectionsPerTenant: 1 };
  const connections = new LiveConnections(limits);
  /** When each was asked to move, from now on. */
  const leftAtMs: number[] = [];
  const startedAtMs = performance.now();
  for (let index = 0; index < count; index += 1) {
    connections.add(createConnection(() => leftAtMs.push(performance.now() - startedAtMs)));
  }
  return { connections, leftAtMs };
}

function countByBucket(timesMs: readonly number[]): number[] {
  const buckets = Array.from({ length: drainMs / bucketMs }, () => 0);
  for (const timeMs of timesMs) {
    const bucket = Math.min(Math.ceil(timeMs / bucketMs), buckets.length) - 1;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return buckets;
}

describe('a drain', () => {
  test('asks connections to move evenly over its time: as many in each tenth of a second', async () => {
    const { connections, leftAtMs } = open(10_000);

    connections.drain(drainMs);
    await jest.advanceTimersByTimeAsync(drainMs);

    expect(leftAtMs).toHaveLength(10_000);
    const [least, most] = [Math.min(...countByBucket(leftAtMs)), Math.max(...countByBucket(leftAtMs))];
    // 200 on average; timers count whole milliseconds.
    expect(least).toBeGreaterThanOrEqual(196);
    expect(most).toBeLessThanOrEqual(204);
    expect(connections.size).toBe(0);
  });

  test('of a few leaves none of them waiting beyond its time', async () => {
    const { connections, leftAtMs } = open(3);

    connections.drain(drainMs);
    await jest.advanceTimersByTimeAsync(drainMs);

    expect(leftAtMs.map((timeMs) => Math.round(timeMs / 10))).toEqual([167, 333, 500]);
  });
});
