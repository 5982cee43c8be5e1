import { describe, expect, test } from '@jest/globals';
import type { Instance } from './instance-set.js';
import { createStreamInstances } from './stream-instances.js';

const urls = new Map([['alerts', ['http://one.test/graphql', 'https://two.test/graphql']]]);
const one = 'http://one.test/graphql';
const two = 'https://two.test/graphql';

const take = (instances: ReturnType<typeof createStreamInstances>, tried = new Set<Instance>()) =>
  instances.take('alerts', tried);

describe('streams', () => {
  test('are opened where fewer are held', () => {
    const instances = createStreamInstances(urls, () => 0);
    const seats = [1, 2, 3].map(() => take(instances));
    expect(seats.map(({ url }) => url)).toEqual([one, two, one]);

    seats[0]?.left();
    seats[2]?.left();
    seats[2]?.left();

    expect([take(instances), take(instances)].map(({ url }) => url)).toEqual([one, two]);
  });

  test('are tried at another instance where one does not take them', () => {
    const instances = createStreamInstances(urls, () => 0);
    const tried = new Set<Instance>();
    take(instances, tried).lost();

    expect(take(instances, tried).url).toBe(two);
  });

  test('avoid an instance that loses them again and again, not others', () => {
    const instances = createStreamInstances(urls, () => 0);
    for (let times = 0; times < 3; times += 1) {
      const seats = [take(instances), take(instances)];
      seats.find(({ url }) => url === one)?.lost();
      seats.find(({ url }) => url === two)?.left();
    }

    const held = [1, 2, 3].map(() => take(instances));

    expect(held.map(({ url }) => url)).toEqual([two, two, two]);
  });
});
