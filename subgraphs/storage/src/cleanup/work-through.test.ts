import { expect, test } from '@jest/globals';
import { workThrough } from './work-through.js';

const idsOf = (count: number) => Array.from({ length: count }, (_none, index) => ({ id: String(index) }));
const inAMinute = () => performance.now() + 60_000;

/** Rows of which each is found until it is done. */
function createRows(count: number, batchSize: number) {
  const open = new Map(idsOf(count).map((row) => [row.id, row]));
  return {
    batchSize,
    find: async (exceptIds: readonly string[]) =>
      [...open.values()].filter(({ id }) => !exceptIds.includes(id)).slice(0, batchSize),
    done: (id: string) => open.delete(id),
    leftIds: () => [...open.keys()],
  };
}

test('what is due is done to the end, batch by batch', async () => {
  const rows = createRows(25, 10);

  const outcome = await workThrough({ ...rows, work: async ({ id }) => void rows.done(id), untilMs: inAMinute() });

  expect(outcome).toEqual({ tried: 25, failures: [] });
  expect(rows.leftIds()).toEqual([]);
});

test('a row that fails is tried once, and keeps no other waiting', async () => {
  const rows = createRows(25, 10);
  const fault = new Error('This row is faulty');

  const outcome = await workThrough({
    ...rows,
    work: async ({ id }) => {
      if (id === '3') throw fault;
      rows.done(id);
    },
    untilMs: inAMinute(),
  });

  expect(outcome).toEqual({ tried: 25, failures: [fault] });
  expect(rows.leftIds()).toEqual(['3']);
});

test('a batch full of failures is the last', async () => {
  const rows = createRows(25, 10);

  const outcome = await workThrough({
    ...rows,
    work: () => Promise.reject(new Error('The database is away')),
    untilMs: inAMinute(),
  });

  expect(outcome.tried).toBe(10);
});

test('nothing more is begun when the time is over', async () => {
  const rows = createRows(25, 10);

  const outcome = await workThrough({
    ...rows,
    work: async ({ id }) => void rows.done(id),
    untilMs: performance.now(),
  });

  expect(outcome).toEqual({ tried: 0, failures: [] });
});
