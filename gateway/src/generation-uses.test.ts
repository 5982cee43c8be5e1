import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { RequestContext } from './context.js';
import { countUses } from './generation-uses.js';
import type { OperationHandler } from './transport/operation-handler.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const request = { query: '{ a }' } as Parameters<OperationHandler['prepare']>[0];
const context = {} as RequestContext;

function setUp() {
  const answer = Promise.withResolvers<object>();
  const { handler, unused } = countUses({
    authenticate: () => Promise.reject(new Error('not asked')),
    prepare: () =>
      Promise.resolve({
        kind: 'query',
        run: () => answer.promise,
        async *subscribe() {
          yield { answer: { data: { a: 1 } } };
          yield { answer: { data: { a: 2 } } };
        },
      }),
  });
  let isUnused = false;
  const leave = (): void => void unused().then(() => (isUnused = true));
  return { handler, answer, leave, isUnused: () => isUnused };
}

test('a handler that nobody uses is unused after a pause', async () => {
  const { leave, isUnused } = setUp();

  leave();
  expect(isUnused()).toBe(false);
  await jest.advanceTimersByTimeAsync(1_000);

  expect(isUnused()).toBe(true);
});

test('an operation that was prepared may be run, and is waited for', async () => {
  const { handler, answer, leave, isUnused } = setUp();
  const ready = await handler.prepare(request, context);
  leave();
  await jest.advanceTimersByTimeAsync(500);
  const running = ready.run(context);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(isUnused()).toBe(false);

  answer.resolve({});
  await running;
  await jest.advanceTimersByTimeAsync(1_000);

  expect(isUnused()).toBe(true);
});

test('a stream is waited for until its reader leaves', async () => {
  const { handler, leave, isUnused } = setUp();
  const stream = (await handler.prepare(request, context)).subscribe(context);
  leave();
  await stream.next();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(isUnused()).toBe(false);

  await stream.return();
  await jest.advanceTimersByTimeAsync(1_000);

  expect(isUnused()).toBe(true);
});
