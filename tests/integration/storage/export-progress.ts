import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser, type SubgraphHarness } from '../../support/subgraph-harness.js';
import type { RowSource } from './row-source.js';
import { storeFile, type StorageHarness } from './storage-harness.js';

export type Admin = ReturnType<typeof aUser> & { readonly tenantId: string };

export const anAdmin = (): Admin => {
  const tenantId = randomUUID();
  return { ...aUser({ tenantId, role: 'TENANT_ADMIN' }), tenantId };
};

const requestMutation = 'mutation { requestExport(input: { scope: TENANT }) { id } }';
const progressFields =
  'stage rows files fileBytes totalRows totalFiles totalFileBytes failure { code message } downloadUrl';
const progressSubscription = `subscription ($id: ID!) { dataExportProgress(id: $id) { ${progressFields} } }`;

interface Progress {
  readonly stage: string;
  readonly rows: number;
  readonly files: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly downloadUrl: string | null;
}

/** What is in an archive. */
export interface Unpacked {
  read(path: string): Promise<Buffer>;
  /** The pages of a table, in their order: which numbers they have depends on what other tables there are. */
  pages(table: string): Promise<readonly string[]>;
}

type Unpack = (url: string) => Promise<Unpacked>;

/** Who waits for an archive sees how far it is, whatever happens to it. The source's pages come when the test says so. */
export function defineExportProgress(
  startedHarness: () => StorageHarness,
  startedSource: () => RowSource,
  unpack: Unpack,
): void {
  test('who watches is told at once how far it is, then of what changes, and the last is the archive', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    await storeFile(harness, admin, { body: Buffer.from('hello'), name: 'a.txt' });
    const open = twoPages(startedSource(), admin);
    const id = await begin(harness, admin);

    const seen: Progress[] = [];
    for await (const progress of watch(harness, admin, id)) {
      seen.push(progress);
      // Two of storage's own, and two of the first page.
      if (progress.rows === 4) open();
    }

    const last = seen.at(-1);
    expect(last).toMatchObject({ stage: 'READY', rows: 5, files: 1, fileBytes: 5, totalFiles: 1, totalFileBytes: 5 });
    // One of the services does not count.
    expect(last).toMatchObject({ totalRows: null, downloadUrl: expect.stringMatching(/^http/) });
    expect(seen.filter(({ downloadUrl }) => downloadUrl !== null)).toHaveLength(1);
    const rows = seen.map((progress) => progress.rows);
    expect(rows).toEqual(rows.toSorted((one, other) => one - other));
    expect(await collect(watch(harness, admin, id))).toEqual([expect.objectContaining({ stage: 'READY', rows: 5 })]);
  }, 60_000);

  test('it is shown to who manages the tenant and to nobody else, and to nobody once it is gone', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    const open = twoPages(startedSource(), admin);
    const id = await begin(harness, admin);
    const codeFor = async (caller: Parameters<SubgraphHarness['subscribe']>[0]) => {
      const { value } = await harness.subscribe(caller, progressSubscription, { id }).next();
      return (value as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
    };
    const events = watch(harness, admin, id);
    await events.next();

    expect(await codeFor(aUser({ tenantId: admin.tenantId }))).toBe('FORBIDDEN');
    expect(await codeFor(anAdmin())).toBe('NOT_FOUND');
    await runSql(databaseOf(harness), `delete from data_export where id = '${id}'`);
    open();
    await expect(collect(events)).resolves.toBeDefined();
  }, 60_000);

  test('after a service has failed it goes on with what was kept', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    // Enough to be kept, on S3 as a part of its own.
    const large = Array.from({ length: 12 }, () => `{"n":"${randomBytes(512 * 1024).toString('hex')}"}\n`).join('');
    const asked: (string | null)[] = [];
    startedSource().answerWith(admin.tenantId, async (after) => {
      asked.push(after);
      if (after === null) return { lines: large, next: 'more' };
      if (asked.length === 2) throw new Error('not now');
      return { lines: '{"n":3}\n' };
    });

    const id = await begin(harness, admin);
    const done = (await collect(watch(harness, admin, id))).at(-1);

    const { read, pages } = await unpack(done?.downloadUrl ?? '');
    expect(asked).toEqual([null, 'more', 'more']);
    expect(done).toMatchObject({ stage: 'READY', rows: 13 });
    expect(JSON.parse((await read('manifest.json')).toString()).tables).toMatchObject({ 'other/thing': 13 });
    const [first, ...others] = await pages('other/thing');
    expect(first === large).toBe(true);
    expect(others).toEqual(['{"n":3}\n']);
  }, 60_000);

  test('where it came no further for a day it ends, says why, and hinders no other', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    let [isBroken, failed] = [true, 0];
    startedSource().answerWith(admin.tenantId, async (after) => {
      if (after === null) return { lines: '{"n":1}\n', next: 'more' };
      if (isBroken && (failed += 1)) throw new Error('never');
      return { lines: '{"n":2}\n' };
    });
    const id = await begin(harness, admin);
    const events = collect(watch(harness, admin, id));
    await eventually(() => failed > 1);
    const sameMeanwhile = await begin(harness, admin);

    await runSql(
      databaseOf(harness),
      `update data_export set moved_at = moved_at - interval '25 hours' where id = '${id}'`,
    );
    const last = (await events).at(-1);
    isBroken = false;
    const next = await begin(harness, admin);
    const done = (await collect(watch(harness, admin, next))).at(-1);
    const query = `query ($id: ID!) { dataExport(id: $id) { stage failure { code } expiresAt downloadUrl } }`;
    const { dataExport: over } = (await harness.request(admin, query, { id })).data;

    expect(sameMeanwhile).toBe(id);
    expect(last).toMatchObject({
      stage: 'FAILED',
      failure: { code: 'SUBGRAPH_UNAVAILABLE', message: 'Service other gives out no rows (status 500)' },
      downloadUrl: null,
    });
    expect(next).not.toBe(id);
    expect(done).toMatchObject({ stage: 'READY', rows: 2, failure: null });
    expect(over).toEqual({
      stage: 'FAILED',
      failure: { code: 'SUBGRAPH_UNAVAILABLE' },
      expiresAt: expect.any(String),
      downloadUrl: null,
    });
  }, 120_000);

  test('who asked for it is told, once, when it is ready', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    const told: unknown[] = [];
    const consumer = harness.eventBus.subscribe({
      consumer: 'test',
      types: ['export.ready'],
      async handle({ tenantId, payload }) {
        if (tenantId === admin.tenantId) told.push(payload);
      },
    });

    const id = await begin(harness, admin);
    await collect(watch(harness, admin, id));

    await eventually(() => told.length > 0);
    await consumer.close();
    expect(told).toEqual([
      {
        userId: admin.userId,
        exportId: id,
        scope: 'TENANT',
        sizeBytes: expect.any(Number),
        expiresAt: expect.any(String),
      },
    ]);
  }, 60_000);
}

/** Of a store on a file system: what is not complete is a file of its own. */
export function defineLostArchive(
  startedHarness: () => StorageHarness,
  startedSource: () => RowSource,
  unpack: Unpack,
): void {
  test('an archive that was lost before it was complete is begun anew, and is whole', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    const { promise: gate, reject: fail } = Promise.withResolvers<never>();
    let isFirst = true;
    startedSource().answerWith(admin.tenantId, async (after) => {
      if (after === null) return { lines: '{"n":1}\n{"n":2}\n', next: 'more' };
      if (isFirst) await gate.catch(() => (isFirst = false));
      return { lines: isFirst ? '' : '{"n":3}\n' };
    });
    const id = await begin(harness, admin);
    const events = watch(harness, admin, id);
    for await (const { rows } of events) if (rows === 2) break;

    const incoming = join(harness.folder, '.incoming');
    const attempts = (await readdir(incoming)).filter((name) => name.includes(id));
    for (const name of attempts) await rm(join(incoming, name));
    // What it then completes is nowhere: the attempt fails, and the next finds nothing to go on with.
    fail(new Error('over'));
    const done = (await collect(watch(harness, admin, id))).at(-1);

    const { read, pages } = await unpack(done?.downloadUrl ?? '');
    expect(attempts).toHaveLength(1);
    expect(JSON.parse((await read('manifest.json')).toString()).tables).toMatchObject({ 'other/thing': 3 });
    expect(await pages('other/thing')).toEqual(['{"n":1}\n{"n":2}\n', '{"n":3}\n']);
  }, 60_000);

  test('of one that is given up nothing stays, and of one that goes on all does', async () => {
    const harness = startedHarness();
    const [stuck, slow] = [anAdmin(), anAdmin()];
    const attempts = new Map([stuck, slow].map(({ tenantId }) => [tenantId, 0]));
    for (const { tenantId } of [stuck, slow]) {
      startedSource().answerWith(tenantId, async (after) => {
        if (after === null) return { lines: '{"n":1}\n', next: 'more' };
        attempts.set(tenantId, (attempts.get(tenantId) ?? 0) + 1);
        throw new Error('not now');
      });
    }
    const [stuckId, slowId] = [await begin(harness, stuck), await begin(harness, slow)];
    await eventually(() => [...attempts.values()].every((count) => count > 0), 30_000);

    const later = `update data_export set moved_at = moved_at - interval '25 hours' where id = '${stuckId}'`;
    await runSql(databaseOf(harness), later);
    await collect(watch(harness, stuck, stuckId));

    const written = async (id: string) =>
      (await readdir(join(harness.folder, '.incoming'))).filter((name) => name.includes(id)).length;
    await eventually(async () => (await written(stuckId)) === 0);
    expect(await written(slowId)).toBe(1);
    await runSql(databaseOf(harness), `delete from data_export where id = '${slowId}'`);
  }, 120_000);

  test('of a tenant that is erased meanwhile nothing stays, complete or not', async () => {
    const harness = startedHarness();
    const admin = anAdmin();
    await storeFile(harness, admin, { body: Buffer.from('hello'), name: 'a.txt' });
    const open = twoPages(startedSource(), admin);
    const id = await begin(harness, admin);
    const events = watch(harness, admin, id);
    for await (const { rows } of events) if (rows === 4) break;
    const objects = async () =>
      (await readdir(harness.folder, { recursive: true })).filter((name) => name.includes(admin.tenantId));
    const before = await objects();

    const subject = { kind: 'tenant', id: admin.tenantId };
    await harness.deliver(
      createDomainEvent({ type: 'erasure.started', payload: { erasureId: randomUUID(), subject } }),
    );
    const rowsLeft = async () =>
      (await runSql(databaseOf(harness), `select 1 from data_export where id = '${id}'`)).length;
    await eventually(async () => (await rowsLeft()) === 0, 30_000);
    open();

    const jobsLeft = `select 1 from jobs.job where name = 'export-data' and data ->> 'exportId' = '${id}' and state <> 'completed'`;
    await eventually(async () => (await runSql(databaseOf(harness), jobsLeft)).length === 0, 60_000);
    // The tenant's folder with its file, and the archive that was begun.
    expect(before.length).toBeGreaterThanOrEqual(3);
    expect(await objects()).toEqual([]);
  }, 120_000);
}

/** Gives out one page at once, and the second when it is told to. */
function twoPages(source: RowSource, admin: Admin): () => void {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  source.answerWith(admin.tenantId, async (after) => {
    if (after === null) return { lines: '{"n":1}\n{"n":2}\n', next: 'more' };
    await gate;
    return { lines: '{"n":3}\n' };
  });
  return open;
}

const begin = async (harness: SubgraphHarness, admin: Admin): Promise<string> =>
  (await harness.request(admin, requestMutation)).data.requestExport.id;

const databaseOf = ({ adminUrl }: SubgraphHarness): string => adminUrl.replace(/postgres$/, 'tessera_storage');

async function* watch(harness: SubgraphHarness, admin: Admin, id: string): AsyncGenerator<Progress, undefined> {
  for await (const result of harness.subscribe(admin, progressSubscription, { id })) {
    const { data } = result as { readonly data?: { readonly dataExportProgress: Progress } | null };
    if (data != null) yield data.dataExportProgress;
  }
}

async function collect(events: AsyncIterable<Progress>): Promise<readonly Progress[]> {
  const all: Progress[] = [];
  for await (const event of events) all.push(event);
  return all;
}
