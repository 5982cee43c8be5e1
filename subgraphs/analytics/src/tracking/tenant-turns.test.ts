import { expect, test } from '@jest/globals';
import { TenantTurns } from './tenant-turns.js';

/** Work that runs until it is ended. */
function aWork(started: string[], name: string) {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const work = async (): Promise<string> => {
    started.push(name);
    await ended;
    return name;
  };
  return { work, end };
}

test('so much work of a tenant runs at once, the rest in its order, and other tenants do not wait', async () => {
  const started: string[] = [];
  const turns = new TenantTurns(2);
  const works = ['one', 'two', 'three', 'four'].map((name) => aWork(started, name));
  const other = aWork(started, 'other');

  const results = works.map(({ work }) => turns.take('a', work));
  const ofOther = turns.take('b', other.work);
  expect(started).toEqual(['one', 'two', 'other']);

  works[1]?.end();
  await results[1];
  works[0]?.end();
  await results[0];
  expect(started).toEqual(['one', 'two', 'other', 'three', 'four']);

  for (const { end } of [...works, other]) end();
  expect(await Promise.all([...results, ofOther])).toEqual(['one', 'two', 'three', 'four', 'other']);
});

test('work that fails gives its turn on', async () => {
  const turns = new TenantTurns(1);
  const failing = turns.take('a', () => Promise.reject(new Error('full')));
  const next = turns.take('a', async () => 'next');

  await expect(failing).rejects.toThrow('full');
  expect(await next).toBe('next');
});
