import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { serviceNames, subgraphs } from '@tessera/local/subgraphs';

const repository = join(import.meta.dirname, '../..');

test.each(serviceNames)('every migration of %s is run, in the order of their numbers', async (name) => {
  const files = await readdir(join(repository, 'subgraphs', name, 'src/migrations'));
  const written = files.filter((file) => /^\d{4}-/.test(file)).map((file) => file.replace(/\.ts$/, ''));

  const declared = subgraphs[name].migrations.map((migration) => migration.name);

  expect(declared).toEqual(written.sort());
  expect(new Set(subgraphs[name].migrations.map((migration) => migration.class)).size).toBe(declared.length);
});
