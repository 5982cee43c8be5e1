import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from './support/repository-root.js';

const folder = join(repositoryRoot, 'tests');

test('every promise to tenants and users names suites that are there', async () => {
  const page = await readFile(join(folder, 'tenants-and-users.md'), 'utf8');
  const promises = page.split('\n').filter((line) => line.startsWith('| ') && !/shown in|---/.test(line));

  const unproved = promises.filter((line) => suitesOf(line).length === 0);
  const missing = promises.flatMap(suitesOf).filter((path) => !isThere(path));

  expect(promises.length).toBeGreaterThan(30);
  expect(unproved).toEqual([]);
  expect(missing).toEqual([]);
});

/** Paths in the second column. */
function suitesOf(line: string): readonly string[] {
  const [, , shown = ''] = line.split('|');
  return [...shown.matchAll(/`([\w./-]+)`/g)].map(([, path = '']) => path);
}

const isThere = (path: string): boolean =>
  ['', '.test.ts', '.slow.test.ts'].some((suffix) => existsSync(join(folder, path + suffix)));
