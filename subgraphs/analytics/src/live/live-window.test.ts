import { describe, expect, test } from '@jest/globals';
import { usageLatencyBoundsMs, type TenantUsage } from '@tessera/service/metrics';
import type { LiveSample } from './live-sample.js';
import { LiveWindow } from './live-window.js';

const events = (count: number): LiveSample => ({ kind: 'events', key: 'k', events: count });

const usage = (overrides: Partial<TenantUsage> = {}): LiveSample => ({
  kind: 'usage',
  key: 'k',
  usage: {
    gatewayId: 'a',
    windowMs: 1_000,
    requests: 10,
    errors: 0,
    latencyCounts: [...usageLatencyBoundsMs, Infinity].map(() => 0),
    activeConnections: 2,
    userIds: ['p'],
    userCalls: [],
    isOfPeopleAlone: false,
    ...overrides,
  },
});

describe('live window', () => {
  test('rates are those of the last five seconds', () => {
    const window = new LiveWindow();

    window.add(events(10), 0);
    window.add(events(15), 4_000);

    expect(window.snapshot(4_000).eventsPerSecond).toBeCloseTo(5);
    expect(window.snapshot(5_100).eventsPerSecond).toBeCloseTo(3);
    expect(window.snapshot(9_100).eventsPerSecond).toBe(0);
  });

  test('a report of a longer time than the window is spread over that time', () => {
    const window = new LiveWindow();

    window.add(usage({ windowMs: 20_000, requests: 40 }), 0);

    expect(window.snapshot(100).requestsPerSecond).toBeCloseTo(2);
    expect(window.snapshot(19_000).requestsPerSecond).toBeCloseTo(2);
    expect(window.snapshot(20_200).requestsPerSecond).toBe(0);
  });

  test('gauges add up over gateways, and those of a silent gateway expire', () => {
    const window = new LiveWindow();
    window.add(usage({ gatewayId: 'a', activeConnections: 2, userIds: ['p', 'q'] }), 0);
    window.add(usage({ gatewayId: 'b', activeConnections: 3, userIds: ['q', 'r'] }), 10_000);

    expect(window.snapshot(10_000)).toMatchObject({ activeConnections: 5, activeUsers: 3 });
    expect(window.snapshot(16_000)).toMatchObject({ activeConnections: 3, activeUsers: 2 });
    expect(window.snapshot(26_000)).toMatchObject({ activeConnections: 0, activeUsers: 0 });
  });

  test('errors are a share of the requests', () => {
    const window = new LiveWindow();

    window.add(usage({ requests: 30, errors: 1 }), 0);
    window.add(usage({ requests: 10, errors: 3 }), 0);

    expect(window.snapshot(0).errorRate).toBeCloseTo(0.1);
  });

  test('many samples of one moment cost one slice of numbers', () => {
    const window = new LiveWindow();

    for (let index = 0; index < 10_000; index += 1) window.add(events(1), index / 1_000);

    expect(window.snapshot(100).eventsPerSecond).toBeCloseTo(2_000);
  });
});
