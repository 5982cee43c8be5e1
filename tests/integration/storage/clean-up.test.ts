import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { openDatabase, withDatabase } from '@tessera/service/database';
import { servicePrincipal, type Principal } from '@tessera/service/identity';
import { DataScope } from '@tessera/service/tenancy';
import { cleanUp, type CleanUpOptions } from '@tessera/storage/cleanup/clean-up';
import { ObjectRemoval } from '@tessera/storage/cleanup/object-removal';
import { FileSystemStore } from '@tessera/storage/object-store/file-system-store';
import type { ObjectKey, ObjectStore } from '@tessera/storage/object-store/object-store';
import { UrlSigner } from '@tessera/storage/object-store/signed-url';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { quietLogger } from '../../support/leftovers.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import {
  createUpload,
  listObjects,
  sendBytes,
  startStorage,
  storeFile,
  usageOf,
  type StorageHarness,
} from './storage-harness.js';

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

const aMember = () => aUser({ tenantId: randomUUID() });

const deleteMutation = 'mutation ($id: ID!) { deleteFile(id: $id) { status } }';

/** One round of another instance, at some later time. @param removing what removes objects, other than the store */
function cleanUpAfter(minutes: number, removing: Pick<ObjectStore, 'retire' | 'remove'> = store): Promise<unknown> {
  const now = () => new Date(Date.now() + minutes * 60_000);
  const serviceScope: CleanUpOptions['serviceScope'] = (tenantId) => new DataScope(orm, servicePrincipal(tenantId));
  const removal = new ObjectRemoval({ store: removing, logger: quietLogger(), serviceScope, now });
  return cleanUp({ store, removal, serviceScope, now });
}

async function rowOf(id: string): Promise<Record<string, unknown> | undefined> {
  const [row] = await runSql(
    withDatabase(harness.adminUrl, 'tessera_storage'),
    `select status, removal_due_at from file where id = '${id}'`,
  );
  return row;
}

/** Puts uploads into the database of which the URLs end in two hours, one a second, those with the highest ids first. */
async function abandonUploads({ tenantId = '' }: Principal, count: number): Promise<void> {
  await runSql(
    withDatabase(harness.adminUrl, 'tessera_storage'),
    `insert into file (id, tenant_id, owner_id, name, bucket, content_type, size_bytes, status, created_at, upload_expires_at)
     select format('01900000-0000-7000-8000-%s', lpad((${count} - number)::text, 12, '0'))::uuid,
       '${tenantId}', gen_random_uuid(), 'a', 'files', 'text/plain', 1, 'PENDING', now(),
       now() + interval '2 hours' + number * interval '1 second'
     from generate_series(1, ${count}) as number`,
    `insert into storage_usage (tenant_id, bytes, files) values ('${tenantId}', ${count}, ${count})`,
  );
}

const pathOf = ({ tenantId = '' }: Principal, id: string): string => join(harness.folder, tenantId, id);

describe('cleaning up', () => {
  test('gives up an upload that was not completed in time, and its space', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 5 });
    await sendBytes(upload, randomBytes(5));
    await cleanUpAfter(119);
    const inTime = await usageOf(harness, caller);
    await cleanUpAfter(121);

    const late = await harness.request(caller, 'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }', file);

    expect(inTime).toMatchObject({ bytes: 5, files: 1 });
    expect(late.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 0, files: 0 });
    expect(await listObjects(harness)).not.toContain(file.id);
    expect(await rowOf(file.id)).toBeUndefined();
  });

  test('leaves files alone that are complete', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(5) });

    await cleanUpAfter(10_000);

    expect(await rowOf(id)).toEqual({ status: 'READY', removal_due_at: null });
    expect(await listObjects(harness)).toContain(id);
  });

  test('removes the object of a deleted file where the process that deleted it died', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(5) });
    const died = `update file set status = 'DELETED', removal_due_at = now() where id = '${id}'`;
    await runSql(harness.databaseUrl, `set app.tenant_id = '${caller.tenantId}'`, died);

    await cleanUpAfter(1);

    expect(await listObjects(harness)).not.toContain(id);
  });

  test('tries again what the store could not remove, without troubling the caller', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(5) });
    // A folder with something in it cannot be removed as a file.
    await rm(pathOf(caller, id));
    await mkdir(join(pathOf(caller, id), 'inside'), { recursive: true });

    const deleted = await harness.request(caller, deleteMutation, { id });
    await cleanUpAfter(11);
    const kept = await rowOf(id);
    await rm(pathOf(caller, id), { recursive: true });
    await cleanUpAfter(240);

    expect(deleted.data.deleteFile.status).toBe('DELETED');
    expect(kept).toMatchObject({ status: 'DELETED' });
    expect(await rowOf(id)).toBeUndefined();
  });

  test('removes an object again that came late, after its file was deleted', async () => {
    const caller = aMember();
    const { file } = await createUpload(harness, caller, { size: 5 });
    await harness.request(caller, deleteMutation, file);
    await mkdir(join(harness.folder, caller.tenantId ?? ''), { recursive: true });
    await writeFile(pathOf(caller, file.id), 'late');

    await cleanUpAfter(121);

    expect(await listObjects(harness)).not.toContain(file.id);
    expect(await rowOf(file.id)).toBeUndefined();
  });

  test('frees space once, however many instances clean up at once', async () => {
    const caller = aMember();
    await storeFile(harness, caller, { body: randomBytes(7) });
    await createUpload(harness, caller, { size: 5 });

    await Promise.all([1, 2, 3, 4].map(() => cleanUpAfter(121)));

    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 7, files: 1 });
  });

  test('does all there is in one round, whatever fails meanwhile', async () => {
    const [faulty, caller] = [aMember(), aMember()];
    const { file } = await createUpload(harness, faulty, { size: 5 });
    const miscounted = `update storage_usage set bytes = 0 where tenant_id = '${faulty.tenantId}'`;
    await runSql(withDatabase(harness.adminUrl, 'tessera_storage'), miscounted);
    await abandonUploads(caller, 450);
    const removed: string[] = [];
    const remove = async ({ tenantId, fileId }: ObjectKey) =>
      void (tenantId === caller.tenantId && removed.push(fileId));

    await expect(cleanUpAfter(24 * 60, { retire: remove, remove })).rejects.toThrow('could not be cleaned up');

    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 0, files: 0 });
    expect(removed).toHaveLength(450);
    expect(await rowOf(file.id)).toMatchObject({ status: 'PENDING' });
    await runSql(withDatabase(harness.adminUrl, 'tessera_storage'), `delete from file where id = '${file.id}'`);
  }, 60_000);

  test('removes first what has been due longest', async () => {
    const caller = aMember();
    await abandonUploads(caller, 5);
    const due = `update file set status = 'DELETED', removal_due_at = upload_expires_at where tenant_id = '${caller.tenantId}'`;
    await runSql(withDatabase(harness.adminUrl, 'tessera_storage'), due);
    const removed: string[] = [];
    const remove = async ({ fileId }: ObjectKey) => void removed.push(fileId.slice(-1));

    await cleanUpAfter(24 * 60, { retire: remove, remove });

    expect(removed).toEqual(['4', '3', '2', '1', '0']);
  });

  test('removes what a broken upload left a day ago', async () => {
    const old = join(harness.folder, '.incoming', 'old');
    const recent = join(harness.folder, '.incoming', 'recent');
    await Promise.all([writeFile(old, 'x'), writeFile(recent, 'x')]);
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1_000);
    await utimes(old, twoDaysAgo, twoDaysAgo);

    await cleanUpAfter(0);

    const objects = await listObjects(harness);
    expect(objects).toContain('recent');
    expect(objects).not.toContain('old');
  });
});
