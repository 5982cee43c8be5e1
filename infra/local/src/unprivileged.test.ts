import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { startPostgres } from './postgres-server.js';

const password = 'password of the superuser';
let folder: string;

beforeAll(async () => {
  // Nobody but its owner may enter it.
  folder = await mkdtemp(join(tmpdir(), 'tessera-private-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a statement on a server that is started for it alone. */
async function runOnce(sql: string): Promise<unknown[]> {
  const server = await startPostgres(join(folder, 'postgres'), password);
  try {
    const client = new Client({ connectionString: server.adminUrl });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return rows;
  } finally {
    await server.stop();
  }
}

test('a database in a folder that nobody else may enter starts, also again, whoever starts it', async () => {
  await runOnce('create table kept as select 1 as one');

  expect(await runOnce('select one from kept')).toEqual([{ one: 1 }]);
}, 60_000);
