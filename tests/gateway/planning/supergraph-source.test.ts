import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { createFileSource } from '@tessera/gateway/planning/supergraph-source';
import { createLeftovers } from '../../support/leftovers.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const leftovers = createLeftovers();

afterEach(() => leftovers.close());

test('a supergraph that comes between the first reading and the watching is offered', async () => {
  const folder = await temporaryFolder('supergraph');
  leftovers.defer('folder', () => rm(folder, { recursive: true }));
  const file = join(folder, 'supergraph.graphql');
  await writeFile(file, 'first');
  const source = createFileSource(file);

  expect(await source.read()).toBe('first');
  await writeFile(file, 'second');
  const offered = new Promise<string>((resolve, reject) => leftovers.defer('watch', source.watch(resolve, reject)));

  expect(await offered).toBe('second');
});
