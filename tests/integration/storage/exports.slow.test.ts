import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import { encodePrincipal, servicePrincipal, signPrincipal, type Principal } from '@tessera/service/identity';
import { exportRowsPath } from '@tessera/service/personal-data';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { runSql } from '../../support/postgres-server.js';
import { describeWithS3 } from '../../support/s3-server.js';
import { anonymous, aUser, principalSecret } from '../../support/subgraph-harness.js';
import { anAdmin, defineExportProgress, defineLostArchive, type Admin, type Unpacked } from './export-progress.js';
import { startRowSource, type RowSource } from './row-source.js';
import { startStorage, startStorageOnS3, storeFile, usageOf, type StorageHarness } from './storage-harness.js';

const fields = 'id scope rows files completedAt expiresAt sizeBytes downloadUrl';
const requestMutation = `mutation ($scope: ExportScope!) { requestExport(input: { scope: $scope }) { ${fields} } }`;
const exportQuery = `query ($id: ID!) { dataExport(id: $id) { ${fields} } }`;

let harness: StorageHarness;
let source: RowSource;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-export-'));
  const port = await freePort();
  source = await startRowSource();
  harness = await startStorage({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    EXPORT_SUBGRAPHS: `storage=http://127.0.0.1:${port},other=${source.url}`,
  });
}, 120_000);

afterAll(async () => {
  await harness.stop();
  await source.stop();
  await rm(folder, { recursive: true });
});

async function exported(of: StorageHarness, admin: Admin, scope = 'TENANT') {
  const { data } = await of.request(admin, requestMutation, { scope });
  const read = async () => (await of.request(admin, exportQuery, { id: data.requestExport.id })).data.dataExport;
  await eventually(async () => (await read()).completedAt !== null, 60_000);
  return read();
}

/** Unpacks an archive with the system's own tar, which is what people will use. */
async function unpack(url: string): Promise<Unpacked> {
  const [archive, target] = [join(folder, randomUUID()), await mkdtemp(join(folder, 'unpacked-'))];
  await writeFile(archive, Buffer.from(await (await fetch(url)).arrayBuffer()));
  await promisify(execFile)('tar', ['-xzf', archive, '-C', target]);
  const read = (path: string): Promise<Buffer> => readFile(join(target, path));
  return {
    read,
    pages: async (table) =>
      Promise.all(
        (await readdir(join(target, table))).toSorted().map(async (page) => (await read(join(table, page))).toString()),
      ),
  };
}

describe('while an export goes on', () => {
  defineExportProgress(
    () => harness,
    () => source,
    unpack,
  );
  defineLostArchive(
    () => harness,
    () => source,
    unpack,
  );
});

describeWithS3('while an export goes on to an S3 server', () => {
  let onS3: StorageHarness;
  beforeAll(async () => {
    const port = await freePort();
    onS3 = await startStorageOnS3(undefined, {
      PORT: String(port),
      EXPORT_SUBGRAPHS: `storage=http://127.0.0.1:${port},other=${source.url}`,
    });
  }, 120_000);
  afterAll(() => onS3?.stop());

  defineExportProgress(
    () => onS3,
    () => source,
    unpack,
  );
});

describe('an export', () => {
  test('holds rows, files and a manifest of one tenant, in an archive that tar unpacks', async () => {
    const [admin, stranger] = [anAdmin(), anAdmin()];
    const body = Buffer.from('hello export');
    const id = await storeFile(harness, admin, { body, name: 'Übersicht 2026.txt', contentType: 'text/plain' });
    const emptyId = await storeFile(harness, admin, { body: new Uint8Array(0), name: 'empty' });
    await storeFile(harness, stranger, { body, name: 'other.txt' });

    const done = await exported(harness, admin);
    const { read } = await unpack(done.downloadUrl);
    const manifest = JSON.parse((await read('manifest.json')).toString());

    expect(done).toMatchObject({ scope: 'TENANT', rows: 3, files: 2 });
    expect(await read(`files/${id}/Übersicht 2026.txt`)).toEqual(body);
    expect(await read(`files/${emptyId}/empty`)).toHaveLength(0);
    expect(manifest).toMatchObject({
      subject: { kind: 'tenant', id: admin.tenantId },
      tables: { 'storage/file': 2, 'storage/storage_usage': 1 },
      files: 2,
      missingFiles: [],
    });
    const rows = (await read('storage/file/000000.jsonl')).toString();
    expect(JSON.parse(rows.slice(0, rows.indexOf('\n')))).toMatchObject({
      id,
      name: 'Übersicht 2026.txt',
      tenant_id: admin.tenantId,
    });
    expect(rows).not.toContain(stranger.tenantId);
  }, 90_000);

  test('is not counted to the quota, and comes also where that is used up', async () => {
    const admin = anAdmin();
    await storeFile(harness, admin, { body: Buffer.from('hello export') });
    const full = `update storage_usage set quota_bytes = bytes where tenant_id = '${admin.tenantId}'`;
    await runSql(withDatabase(harness.adminUrl, 'tessera_storage'), full);

    const done = await exported(harness, admin);

    expect(done).toMatchObject({ files: 1, downloadUrl: expect.stringMatching(/^http/) });
    expect(await usageOf(harness, admin)).toEqual({ bytes: 12, files: 1, quotaBytes: 12 });
  }, 90_000);

  test('expires soon after a newer one is complete, so that of a subject one archive is kept', async () => {
    const admin = anAdmin();
    const [older, ofPerson] = [await exported(harness, admin), await exported(harness, admin, 'MYSELF')];

    const newer = await exported(harness, admin);

    const read = async (id: string) => (await harness.request(admin, exportQuery, { id })).data.dataExport;
    const lifeMs = ({ expiresAt }: { readonly expiresAt: string }) =>
      new Date(expiresAt).getTime() - new Date(newer.completedAt).getTime();
    const olderNow = await read(older.id);
    expect(lifeMs(olderNow)).toBe(15 * 60_000);
    expect((await fetch(olderNow.downloadUrl)).status).toBe(200);
    expect(lifeMs(newer)).toBe(72 * 3_600_000);
    expect((await read(ofPerson.id)).expiresAt).toBe(ofPerson.expiresAt);
  }, 90_000);

  test('is for who manages the tenant, or for the person, and for nobody else, in GraphQL and in SQL', async () => {
    const [admin, stranger] = [anAdmin(), anAdmin()];
    const member = aUser({ tenantId: admin.tenantId });
    const codeFor = async (caller: Principal, query: string, variables: object) =>
      (await harness.request(caller, query, variables)).errors?.[0]?.extensions.code;
    const [ofTenant, ofPerson] = [await exported(harness, admin), await exported(harness, admin, 'MYSELF')];
    const seen = (setting: string, value: string) =>
      withClient(harness.databaseUrl, async (client) => {
        await client.query('begin');
        await client.query('select set_config($1, $2, true)', [setting, value]);
        const { rows } = await client.query('select id from data_export where id = any($1)', [
          [ofTenant.id, ofPerson.id],
        ]);
        return rows.map(({ id }) => id);
      });

    expect(await codeFor(member, requestMutation, { scope: 'TENANT' })).toBe('FORBIDDEN');
    expect(await codeFor(anonymous, requestMutation, { scope: 'MYSELF' })).toBe('UNAUTHENTICATED');
    expect(await codeFor(member, exportQuery, { id: ofTenant.id })).toBe('FORBIDDEN');
    for (const { id } of [ofTenant, ofPerson]) expect(await codeFor(stranger, exportQuery, { id })).toBe('NOT_FOUND');
    expect(await codeFor(member, exportQuery, { id: ofPerson.id })).toBe('NOT_FOUND');
    expect(await seen('app.tenant_id', admin.tenantId)).toEqual([ofTenant.id]);
    expect(await seen('app.user_id', admin.userId)).toEqual([ofPerson.id]);
    expect(await seen('app.tenant_id', stranger.tenantId)).toEqual([]);
    expect(await seen('app.nothing', '')).toEqual([]);
  }, 90_000);

  test('gives rows to services alone, signed', async () => {
    const body = JSON.stringify({ subject: { kind: 'tenant', id: randomUUID() }, after: null });
    const signed = { audience: 'storage', method: 'POST', path: exportRowsPath, body };
    const ask = async (headers: Readonly<Record<string, string>>) =>
      (
        await fetch(`${harness.url}${exportRowsPath}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body,
        })
      ).status;
    const signedFor = (principal: Principal) => ({
      ...signPrincipal(principalSecret, signed, { principal: encodePrincipal(principal) }, Date.now()),
    });

    expect(await ask({})).toBe(401);
    expect(await ask(signedFor(anAdmin()))).toBe(403);
    expect(await ask(signedFor(servicePrincipal()))).toBe(200);
  });
});
