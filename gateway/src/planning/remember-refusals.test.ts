import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { rememberRefusals } from './remember-refusals.js';

function setUp(fail: (signal: AbortSignal) => unknown) {
  let asked = 0;
  const planner = rememberRefusals({
    ready: () => Promise.resolve(),
    plan(_operation, _name, signal) {
      asked += 1;
      return Promise.reject(fail(signal) as Error);
    },
    close: () => Promise.resolve(),
  });
  return { planner, asked: () => asked };
}

const tooComplex = new AppError('OPERATION_TOO_COMPLEX', 'Operation takes more than it may to plan');

test('an operation that took more than it may is refused at once when it comes again, under other names too', async () => {
  const { planner, asked } = setUp(() => tooComplex);
  const { signal } = new AbortController();

  await expect(planner.plan('{ a }', undefined, signal)).rejects.toBe(tooComplex);
  await expect(planner.plan('{ a }', undefined, signal)).rejects.toBe(tooComplex);
  expect(asked()).toBe(1);
  await expect(planner.plan('query Q { x: a(b: 1) }', 'Q', signal)).rejects.toBe(tooComplex);
  expect(asked()).toBe(1);
  await expect(planner.plan('{ a c }', undefined, signal)).rejects.toBe(tooComplex);
  expect(asked()).toBe(2);
});

test.each([
  ['was refused for another reason', (): unknown => new AppError('OVERLOADED', 'Too many')],
  ['nobody waited for any more', ({ reason }: AbortSignal): unknown => reason],
])('an operation that %s may come again', async (_name, fail) => {
  const { planner, asked } = setUp(fail);
  const controller = new AbortController();
  controller.abort(tooComplex);

  for (let time = 0; time < 2; time += 1) {
    await expect(planner.plan('{ a }', undefined, controller.signal)).rejects.toBeInstanceOf(AppError);
  }

  expect(asked()).toBe(2);
});
