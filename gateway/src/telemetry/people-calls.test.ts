import { expect, test } from '@jest/globals';
import { PeopleCalls } from './people-calls.js';

test('each call counts for its person in its tenant, until that is told', () => {
  const calls = new PeopleCalls();
  for (const [tenant, person] of [
    ['a', 'x'],
    ['a', 'x'],
    ['a', 'y'],
    ['b', 'x'],
  ] as const)
    calls.count(tenant, person);

  const told = calls.take();

  expect(told).toEqual(
    new Map([
      [
        'a',
        new Map([
          ['x', 2],
          ['y', 1],
        ]),
      ],
      ['b', new Map([['x', 1]])],
    ]),
  );
  expect(calls.take().size).toBe(0);
});

test('who makes up people takes no more room than there is, and says so', () => {
  const calls = new PeopleCalls();
  for (let person = 0; person < 999; person += 1) calls.count('a', `person ${person}`);
  expect(calls.isFull).toBe(false);

  for (let person = 0; person < 2_000; person += 1) calls.count('a', `person ${person}`);
  calls.count('b', 'somebody else');

  expect(calls.isFull).toBe(true);
  const told = calls.take();
  expect([told.get('a')?.size, told.get('a')?.get('person 0'), told.get('b')?.size]).toEqual([1_000, 2, 1]);
  expect(calls.isFull).toBe(false);
});

test('over all tenants there is room for 50,000', () => {
  const calls = new PeopleCalls();
  for (let tenant = 0; tenant < 60; tenant += 1) {
    for (let person = 0; person < 998; person += 1) calls.count(`tenant ${tenant}`, `person ${person}`);
  }

  expect(calls.isFull).toBe(true);
  expect([...calls.take().values()].reduce((sum, { size }) => sum + size, 0)).toBe(50_000);
});
