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

/** What is registered for exports at some later time: an attempt at one, and what is done by the hour. */
async function jobsAt(now: () => Date): Promise<{ readonly attempt: JobHandler; readonly hourly: JobHandler }> {
  const attempts: JobHandler[] = [];
  const hourly: JobHandler[] = [];
  const jobs = {
    work: async (_queue: string, handler: JobHandler) => void attempts.push(handler),
    recur: async (_queue: string, _cron: string, handler: JobHandler) => void hourly.push(handler),
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
    now,
  });
  const [[attempt], [byTheHour]] = [attempts, hourly];
  if (attempt === undefined || byTheHour === undefined) throw new Error('Nothing was registered');
  return { attempt, hourly: byTheHour };
}

async function runHourlyJob(now: () => Date): Promise<void> {
  const { hourly } = await jobsAt(now);
  await hourly({ id: randomUUID(), payload: {}, retryCount: 0, signal: new AbortController().signal });
}

const inHours = (hours: number) => () => new Date(Date.now() + hours * 3_600_000);

/** An export that was asked for now. */
async function openExport(): Promise<{ readonly id: string; readonly subjectId: string }> {
  const [id, subjectId] = [randomUUID(), randomUUID()];
  await sql(
    `insert into data_export (id, kind, subject_id, requested_by, created_at, position)
     values ('${id}', 'person', '${subjectId}', '${subjectId}', now(), '{}')`,
  );
  return { id, subjectId };
}

const failureOf = (id: string) => sql(`select failure ->> 'code' as code from data_export where id = '${id}'`);

test('an export of which each attempt takes too long ends after a day', async () => {
  const { id } = await openExport();
  const late = { id: randomUUID(), payload: { exportId: id }, retryCount: 3, signal: AbortSignal.abort() };
  const attemptAfter = async (hours: number) => (await jobsAt(inHours(hours))).attempt(late);

  await expect(attemptAfter(23)).rejects.toThrow();
  const inTime = await failureOf(id);
  await attemptAfter(25);

  expect(inTime).toEqual([{ code: null }]);
  expect(await failureOf(id)).toEqual([{ code: 'SUBGRAPH_TIMEOUT' }]);
  await sql('delete from data_export');
});

test('an export that nobody goes on with ends too, and says so', async () => {
  const { id, subjectId } = await openExport();
  const begun = await store.beginAppended({ tenantId: subjectId, fileId: id });
  await begun.append(Buffer.from('begun'));
  await begun.close();

  await runHourlyJob(inHours(47));
  const inTime = await failureOf(id);
  await runHourlyJob(inHours(49));

  expect(inTime).toEqual([{ code: null }]);
  expect(await failureOf(id)).toEqual([{ code: 'SUBGRAPH_TIMEOUT' }]);
  expect(await listObjects(harness)).toEqual([]);
  await runHourlyJob(inHours(49 + 73));
  expect(await failureOf(id)).toEqual([]);
});

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

  await expect(runHourlyJob(inHours(30 * 24))).rejects.toThrow('Some archives could not be removed');

  expect(await sql('select id from data_export')).toEqual([{ id: faulty }]);
  expect(await listObjects(harness)).toEqual([]);
}, 30_000);
