import { expect, test } from '@jest/globals';
import { BusyLabels } from './busy-labels.js';

function createLabels(maxLabels: number, preferred: readonly string[] = []) {
  const labels = new BusyLabels({
    maxLabels,
    create: () => ({ uses: 0 }),
    isPreferred: (name) => preferred.includes(name),
  });
  const use = (name: string, times = 1): void => {
    for (let time = 0; time < times; time += 1) labels.use(name).uses += 1;
  };
  const shown = (): Record<string, number> =>
    Object.fromEntries([...labels.entries()].map(([label, { uses }]) => [label, uses]));
  return { labels, use, shown };
}

test('each name has a label of its own while there is room, the others are counted together', () => {
  const { use, shown } = createLabels(2);

  use('first', 3);
  use('second');
  use('third');
  use('fourth');

  expect(shown()).toEqual({ first: 3, second: 1, other: 2 });
});

test('made-up names, however many, take no label from a name that is used, and nothing grows with them', () => {
  const { use, shown } = createLabels(4);
  for (let index = 0; index < 4; index += 1) use(`busy${index}`, 50);

  for (let index = 0; index < 20_000; index += 1) {
    use(`madeUp${index}`);
    if (index % 100 === 0) use(`busy${index % 4}`, 4);
  }

  expect(Object.keys(shown())).toHaveLength(5);
  expect(Object.keys(shown())).toContain('busy0');
  expect(shown()['other']).toBe(20_000);
});

test('a name that becomes busy gets a label although made-up names have all of them', () => {
  const { use, shown } = createLabels(4);
  for (let index = 0; index < 1_000; index += 1) use(`madeUp${index}`);

  for (let index = 0; index < 40; index += 1) {
    use('busy');
    use(`alsoMadeUp${index}`);
  }

  expect(shown()['busy']).toBeGreaterThan(0);
  expect(Object.keys(shown())).toHaveLength(5);
});

test('a registered name takes the label of one that is not, at its first use, and does not lose it to one', () => {
  const { use, shown } = createLabels(1, ['Registered']);
  use('Busy', 100);

  use('Registered');
  use('Busy', 1_000);

  expect(shown()).toEqual({ Registered: 1, other: 1_000 });
});

test('a name that is only claimed, or is too long, gets no label', () => {
  const { labels, use, shown } = createLabels(10);

  labels.find('Claimed').uses += 1;
  labels.find(undefined).uses += 1;
  use('x'.repeat(101));

  expect(shown()).toEqual({ other: 3 });
});
