import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openDatabase, withDatabase } from '@tessera/service/database';
import { servicePrincipal } from '@tessera/service/identity';
import type { JobHandler } from '@tessera/service/jobs';
import { DataScope } from '@tessera/service/tenancy';
import { registerExportJobs } from '@tessera/storage/exports/export-jobs';
import { FileSystemStore } from '@tessera/storage/object-store/file-system-store';
import { UrlSigner } from '@tessera/storage/object-store/signed-url';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { quietLogger } from '../../support/leftovers.js';
import { runSql } from '../../support/postgres-server.js';
import { principalSecret } from '../../support/subgraph-harness.js';
import { listObjects, startStorage, type StorageHarness } from './storage-harness.js';

let harness: StorageHarness;
let orm: MikroORM;
let store: FileSystemStore;

beforeAll(async () => {
  harness = await startStorage();
  orm = openDatabase({ ...storageSubgraph, url: harness.databaseUrl, poolMax: 4, logger: quietLogger() });
  store = await FileSystemStore.open(harness.folder, new UrlSigner(['unused'], 'http://localhost'));
}, 60_000);

afterAll(async () => {
  await orm.close();
  await harness.stop();
}, 30_000);

const sql = (statement: string) => runSql(withDatabase(harness.adminUrl, 'tessera_storage'), statement);

/** The hourly job, a month from now. */
async function removeExpiredExports(): Promise<void> {
  const handlers: JobHandler[] = [];
  const jobs = {
    work: async () => undefined,
    recur: async (_queue: string, _cron: string, handler: JobHandler) => void handlers.push(handler),
  };
  await registerExportJobs(jobs, {
    store,
    sources: [],
    principalSecret,
    serviceScope: (tenantId) => new DataScope(orm, servicePrincipal(tenantId)),
    logger: quietLogger(),
    announce: () => undefined,
    lifetimeHours: 72,
    giveUpHours: 24,
    now: () => new Date(Date.now() + 30 * 24 * 3_600_000),
  });
  const { signal } = new AbortController();
  for (const handler of handlers) await handler({ id: randomUUID(), payload: {}, retryCount: 0, signal });
}

test('all archives whose time is over go in one run, but one that the store cannot remove', async () => {
  const subjectId = randomUUID();
  await sql(
    `insert into data_export
       (id, kind, subject_id, requested_by, created_at, position, completed_at, expires_at, size_bytes)
     select gen_random_uuid(), 'person', '${subjectId}', '${subjectId}', now(), '{}', now(),
       now() + number * interval '1 hour', 1
     from generate_series(1, 150) as number`,
  );
  const ids = (await sql('select id from data_export order by expires_at')).map(({ id }) => String(id));
  const [faulty = '', ...others] = ids;
  // A folder with something in it cannot be removed as a file.
  await mkdir(join(harness.folder, subjectId, faulty, 'inside'), { recursive: true });
  for (const id of others) await writeFile(join(harness.folder, subjectId, id), 'x');

  await expect(removeExpiredExports()).rejects.toThrow('Some archives could not be removed');

  expect(await sql('select id from data_export')).toEqual([{ id: faulty }]);
  expect(await listObjects(harness)).toEqual([]);
}, 30_000);
