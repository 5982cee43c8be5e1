import { expect, test } from '@jest/globals';
import { InstanceSet, type Instance } from './instance-set.js';

const address = (target: string) => ({ subgraph: 's', origin: 'http://h', target, path: target });

function aSet(...others: string[]) {
  const out: number[] = [];
  let turn = 0;
  const instances = new InstanceSet({
    addresses: [address('a'), ...others.map(address)],
    onChange: (count) => out.push(count),
    random: () => (turn = (turn + 0.37) % 1),
  });
  const choose = (nowMs: number, tried: readonly Instance[] = [], mayProbe = true) =>
    instances.choose(tried, mayProbe, nowMs);
  /** Lets the instances of these names fail so often that they are put out, if they may be. */
  const fail = (names: string, nowMs: number, choices = 60): void => {
    for (let time = 0; time < choices; time += 1) {
      const instance = choose(nowMs);
      const isBad = names.includes(instance.address.target);
      instances.report(instance, isBad ? 'bad' : 'good', false, nowMs);
    }
  };
  return { instances, out, choose, fail };
}

const nameOf = ({ address: { target } }: Instance): string => target;

test('equal instances are asked in turn', () => {
  const { choose } = aSet('b');

  expect([0, 1, 2, 3].map(() => nameOf(choose(0))).sort()).toEqual(['a', 'a', 'b', 'b']);
});

test('of two instances the one with less under way is asked', () => {
  const { choose } = aSet('b');
  const busy = choose(0);
  busy.pending = 5;

  expect(nameOf(choose(0))).not.toBe(nameOf(busy));
  expect(nameOf(choose(0))).not.toBe(nameOf(busy));
});

test('more than half of them are never put out, and the only one is not either', () => {
  const { fail, out } = aSet('b', 'c', 'd', 'e');
  const alone = aSet();

  fail('abcde', 0);
  alone.fail('a', 0);

  expect(Math.max(...out)).toBe(2);
  expect(alone.out).toEqual([]);
});

test('one that is put out is tried with one query at a time, and for longer each time it fails', () => {
  const { instances, choose, fail, out } = aSet('b');
  fail('a', 0);
  expect(out).toEqual([1]);

  const chosenAt = (nowMs: number) => [0, 1, 2, 3].map(() => choose(nowMs)).filter((one) => nameOf(one) === 'a');
  expect(chosenAt(999)).toEqual([]);
  const [probe, ...others] = chosenAt(1_000);
  expect(others).toEqual([]);
  if (probe !== undefined) instances.report(probe, 'bad', false, 1_000);

  expect(chosenAt(2_999)).toEqual([]);
  expect(chosenAt(3_000)).toHaveLength(1);
});

test('no mutation tries an instance that is put out', () => {
  const { choose, fail } = aSet('b');
  fail('a', 0);

  expect([0, 1, 2, 3].map(() => nameOf(choose(5_000, [], false)))).toEqual(['b', 'b', 'b', 'b']);
});

test('where all were tried, or rest, one is asked all the same', () => {
  const { instances, choose } = aSet('b');
  const first = choose(0);
  const second = choose(0, [first]);
  instances.rest(first, 1_000);
  instances.rest(second, 1_000);

  expect(nameOf(second)).not.toBe(nameOf(first));
  expect(choose(0, [first, second])).toBeDefined();
});
