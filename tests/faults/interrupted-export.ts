import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { signIn, switchTenant, type Team } from '../e2e/people.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/graphql-client.js';
import { openLiveSocket } from '../support/live-socket.js';
import type { LocalMode } from '../support/local-mode.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { holdChanges } from './held-changes.js';
import { runLocalSql } from '../support/local-secrets.js';

const progressSubscription = `subscription ($id: ID!) { dataExportProgress(id: $id) {
  stage rows totalRows files totalFiles fileBytes totalFileBytes downloadUrl
} }`;

/** Where the process is killed: in the middle of rows, of files, and when the archive is there but nobody knows it yet. */
const moments = [
  ['ROWS', `new.position ->> 'stage' = 'ROWS' and (new.position ->> 'pages')::int >= 60`],
  ['FILES', `(new.position ->> 'files')::int >= 400`],
  ['FINISHING', 'new.completed_at is not null'],
] as const;

/** As much as a process that holds a page and a file at a time may come to need on the way, and far less than all of it. */
const maxGrowthBytes = 384 * 1024 ** 2;

interface Expected {
  /** Subgraph, table and how many rows of it. */
  readonly tables: readonly (readonly [string, string, number])[];
  readonly files: number;
  readonly fileBytes: number;
}

/** Everything of a tenant is in the archive, once, however often the process dies on the way. */
export function defineInterruptedExport(platform: () => LocalMode, team: () => Team, expected: Expected): void {
  const enter = async (): Promise<string> => {
    const { origin } = platform();
    let token = '';
    await eventually(async () => {
      const { accessToken } = await signIn(origin, team().admin);
      token = (await switchTenant(origin, accessToken, team().tenantId)).accessToken;
      return true;
    }, 120_000);
    return token;
  };

  /** What is shown to who asks now. */
  const look = async (id: string) => {
    const socket = await openLiveSocket(platform().origin, await enter());
    try {
      return (await socket.subscribe(progressSubscription, { id }).first(() => true, 60_000)).dataExportProgress;
    } finally {
      await socket.close();
    }
  };

  test('a tenant takes everything out, once, although the platform is killed three times on the way', async () => {
    const local = platform();
    const held = holdChanges(local, 'tessera_storage', 'data_export');
    const request = { query: 'mutation { requestExport(input: { scope: TENANT }) { id } }', token: await enter() };
    const { id } = (await ask(local.origin, request)).requestExport;
    const rows: number[] = [];
    const growth: number[] = [];
    for (const [stage, condition] of moments) {
      const before = await memoryOf(local.pid, 'VmRSS');
      await held.reached(condition);
      expect(await look(id)).toMatchObject({ stage, totalFiles: expected.files, totalFileBytes: expected.fileBytes });
      growth.push((await memoryOf(local.pid, 'VmHWM')) - before);
      await local.kill9();
      await held.letGo();
      await local.restart();
      rows.push((await look(id)).rows);
    }
    const socket = await openLiveSocket(local.origin, await enter());
    const { dataExportProgress: done } = await socket
      .subscribe(progressSubscription, { id })
      .first(({ dataExportProgress }) => dataExportProgress.stage === 'READY', 180_000);
    await socket.close();

    expect(done).toMatchObject({ files: expected.files, fileBytes: expected.fileBytes });
    const sum = expected.tables.reduce((all, [, , count]) => all + count, 0);
    expect(done.totalRows).toBeGreaterThanOrEqual(sum);
    expect(done.rows).toBeGreaterThanOrEqual(sum);
    expect(rows[0]).toBeGreaterThan(0);
    expect(rows).toEqual(rows.toSorted((one, other) => one - other));
    expect(Math.max(...growth)).toBeLessThan(maxGrowthBytes);
    await expectWhole(local, team().tenantId, done.downloadUrl, expected);
  }, 700_000);
}

/** Unpacks the archive as people do, and compares it with what the platform holds. */
async function expectWhole(local: LocalMode, tenantId: string, url: string, { tables, files }: Expected) {
  const folder = await temporaryFolder('archive');
  const archive = join(folder, 'all.tar.gz');
  const { body } = await fetch(url);
  await pipeline(Readable.fromWeb(body as ReadableStream), createWriteStream(archive));
  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', unpacked]);
  const manifest = JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8'));

  expect(manifest).toMatchObject({ subject: { kind: 'tenant', id: tenantId }, files, missingFiles: [] });
  for (const [subgraph, table, count] of tables) {
    const ids = await readIds(join(unpacked, subgraph, table));
    expect([table, ids.length, new Set(ids).size, manifest.tables[`${subgraph}/${table}`]]).toEqual([
      table,
      count,
      count,
      count,
    ]);
    const [row] = await runLocalSql(
      local,
      `tessera_${subgraph}`,
      `select md5(string_agg(id::text, ',' order by id::text collate "C")) as digest from ${table}
       where tenant_id = '${tenantId}'`,
    );
    expect([table, digestOf(ids.toSorted().join(','), 'md5')]).toEqual([table, row?.['digest']]);
  }
  const names = await readdir(join(unpacked, 'files'));
  expect(names).toHaveLength(files);
  for (const name of names) {
    const [inside = ''] = await readdir(join(unpacked, 'files', name));
    const [taken, stored] = await Promise.all([
      readFile(join(unpacked, 'files', name, inside)),
      readFile(join(local.dataDirectory, 'objects', tenantId, name)),
    ]);
    expect([name, digestOf(taken, 'sha256')]).toEqual([name, digestOf(stored, 'sha256')]);
  }
  await rm(folder, { recursive: true });
}

/** The ids of a table's rows, as often as they are there. */
async function readIds(folder: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const page of await readdir(folder)) {
    const lines = (await readFile(join(folder, page), 'utf8')).trimEnd().split('\n');
    for (const line of lines) ids.push(JSON.parse(line).id);
  }
  return ids;
}

const digestOf = (content: string | Buffer, algorithm: 'md5' | 'sha256'): string =>
  createHash(algorithm).update(content).digest('hex');

/** Resident memory of a process: now (`VmRSS`), or the most that it ever was (`VmHWM`). */
async function memoryOf(pid: number, name: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024;
}
