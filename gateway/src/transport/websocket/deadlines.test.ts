import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Deadlines } from './deadlines.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function create() {
  const due: [name: string, lateMs: number][] = [];
  const atMs = new Map<string, number>();
  const deadlines = new Deadlines<string>((name) => due.push([name, Date.now() - (atMs.get(name) ?? 0)]));
  const set = (name: string, afterMs: number): number => {
    atMs.set(name, Date.now() + afterMs);
    return deadlines.set(name, Date.now() + afterMs);
  };
  return { due, deadlines, set };
}

test('each item is due once, never early and at most a quarter of a second late', () => {
  const { due, set } = create();
  for (let afterMs = 1; afterMs < 2_000; afterMs += 37) set(String(afterMs), afterMs);

  jest.advanceTimersByTime(10_000);

  expect(due).toHaveLength(Math.ceil(1_999 / 37));
  for (const [, lateMs] of due) {
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(250);
  }
});

test('what has passed already is due at once', () => {
  const { due, set } = create();
  jest.advanceTimersByTime(60_000);

  set('late', -30_000);
  jest.advanceTimersByTime(1);

  expect(due).toHaveLength(1);
});

test('many items of about the same time share a timer, which ends with the last of them', () => {
  const { due, deadlines, set } = create();
  const numbers = Array.from({ length: 100 }, (_, index) => [`${index}`, set(`${index}`, 30_001 + index)] as const);
  expect(jest.getTimerCount()).toBe(1);

  for (const [name, number] of numbers) deadlines.clear(name, number);

  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(60_000);
  expect(due).toEqual([]);
});

test('one item is cleared, others of its time are due', () => {
  const { due, deadlines, set } = create();
  const number = set('a', 1_000);
  set('b', 1_000);

  deadlines.clear('a', number);
  deadlines.clear('a', number);
  jest.advanceTimersByTime(2_000);

  expect(due.map(([name]) => name)).toEqual(['b']);
});

test('what is cleared because of another item of its time is not due', () => {
  const due: string[] = [];
  let number = 0;
  const deadlines = new Deadlines<string>((name) => {
    due.push(name);
    deadlines.clear('b', number);
  });
  number = deadlines.set('a', Date.now() + 1_000);
  deadlines.set('b', Date.now() + 1_000);

  jest.advanceTimersByTime(2_000);

  expect(due).toEqual(['a']);
});

test('a time beyond what a timer can hold is waited for', () => {
  const { due, set } = create();
  set('a', 2 ** 31 + 5_000);

  jest.advanceTimersByTime(2 ** 31);
  expect(due).toEqual([]);
  jest.advanceTimersByTime(6_000);

  expect(due).toHaveLength(1);
});
