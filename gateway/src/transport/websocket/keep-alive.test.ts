import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { KeepAlive } from './keep-alive.js';

const intervalMs = 16_000;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function addPeers(keepAlive: KeepAlive, count: number) {
  const beatsAtMs: number[] = [];
  const startMs = Date.now();
  const peers = Array.from({ length: count }, () => {
    const peer = { beats: 0, beat: () => void (beatsAtMs.push(Date.now() - startMs), (peer.beats += 1)) };
    return { peer, turn: keepAlive.add(peer) };
  });
  return { peers, beatsAtMs };
}

test('who came at once is asked evenly over the interval, each once in it', () => {
  const { peers, beatsAtMs } = addPeers(new KeepAlive(intervalMs), 3_200);

  jest.advanceTimersByTime(intervalMs);
  expect(peers.every(({ peer }) => peer.beats === 1)).toBe(true);
  const bySecond = Map.groupBy(beatsAtMs, (atMs) => Math.ceil(atMs / 1_000));
  expect([...bySecond.values()].map(({ length }) => length)).toEqual(Array.from({ length: 16 }, () => 200));

  jest.advanceTimersByTime(intervalMs);
  expect(peers.every(({ peer }) => peer.beats === 2)).toBe(true);
});

test('who has left is not asked, and with the last of them the timer ends', () => {
  const keepAlive = new KeepAlive(intervalMs);
  const { peers } = addPeers(keepAlive, 40);
  expect(jest.getTimerCount()).toBe(1);

  for (const { peer, turn } of peers) keepAlive.delete(peer, turn);
  for (const { peer, turn } of peers) keepAlive.delete(peer, turn);

  expect(jest.getTimerCount()).toBe(0);
  const { peers: later } = addPeers(keepAlive, 1);
  jest.advanceTimersByTime(2 * intervalMs);
  expect(later[0]?.peer.beats).toBe(2);
  expect(peers.every(({ peer }) => peer.beats === 0)).toBe(true);
});

test('an interval of nothing asks nobody', () => {
  const { peers } = addPeers(new KeepAlive(0), 3);

  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(60_000);
  expect(peers.every(({ peer }) => peer.beats === 0)).toBe(true);
});
