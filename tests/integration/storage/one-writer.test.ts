import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FileSystemStore, type WriteOptions } from '@tessera/storage/object-store/file-system-store';
import { UrlSigner } from '@tessera/storage/object-store/signed-url';
import { eventually } from '../../support/eventually.js';

let folder: string;
let store: FileSystemStore;
let otherInstance: FileSystemStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tessera-writers-'));
  const open = () => FileSystemStore.open(folder, new UrlSigner(['unused'], 'http://localhost'));
  [store, otherInstance] = [await open(), await open()];
});

afterAll(() => rm(folder, { recursive: true }));

const aKey = () => ({ tenantId: randomUUID(), fileId: randomUUID() });

const options = (sizeBytes: number, changes: Partial<WriteOptions> = {}): WriteOptions => ({
  sizeBytes,
  stallTimeoutMs: 60_000,
  signal: AbortSignal.timeout(60_000),
  isStillWanted: async () => true,
  ...changes,
});

const bytes = (count: number): Readable => Readable.from([randomBytes(count)], { objectMode: false });

/** All that lies about of an upload, and is no object yet. */
async function incoming(fileId: string): Promise<readonly string[]> {
  return (await readdir(join(folder, '.incoming'))).filter((name) => name.startsWith(fileId));
}

/** How many different files these names are. */
async function countFiles(names: readonly string[]): Promise<number> {
  return new Set(await Promise.all(names.map(async (name) => (await stat(join(folder, '.incoming', name))).ino))).size;
}

describe('an upload to the file-system store', () => {
  test('is taken from one client at a time, whichever instance the others ask', async () => {
    const key = aKey();
    const source = new PassThrough();
    const first = store.write(key, source, options(10));
    source.write(randomBytes(5));
    await eventually(async () => (await incoming(key.fileId)).length > 1);

    const others = await Promise.allSettled(
      [store, otherInstance, otherInstance].map((instance) => instance.write(key, bytes(10), options(10))),
    );
    const lying = await countFiles(await incoming(key.fileId));
    source.end(randomBytes(5));
    await first;

    expect(others.map((other) => other.status === 'rejected' && other.reason.code)).toEqual(Array(3).fill('CONFLICT'));
    expect(lying).toBe(1);
    expect(await store.sizeOf(key)).toBe(10);
    expect(await incoming(key.fileId)).toEqual([]);
  });

  test('can be repeated at once after one that broke off', async () => {
    const key = aKey();
    const broken = store.write(key, bytes(5), options(10));
    await expect(broken).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });

    await otherInstance.write(key, bytes(10), options(10));

    expect(await store.sizeOf(key)).toBe(10);
  });

  test('is not kept waiting by what a crashed instance left, once that is older than a client may be silent', async () => {
    const key = aKey();
    const place = join(folder, '.incoming', key.fileId);
    await writeFile(place, 'left');
    const early = store.write(key, bytes(10), options(10));
    await expect(early).rejects.toMatchObject({ code: 'CONFLICT' });
    const twoMinutesAgo = new Date(Date.now() - 120_000);
    await utimes(place, twoMinutesAgo, twoMinutesAgo);

    const late = await Promise.allSettled([1, 2, 3].map(() => store.write(key, bytes(10), options(10))));

    expect(late.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await store.sizeOf(key)).toBe(10);
    expect(await incoming(key.fileId)).toEqual([]);
  });

  test('ends while it goes on, as soon as nobody wants it any more', async () => {
    const key = aKey();
    const source = new PassThrough();
    const answers = [true, Promise.reject(new Error('The database is away')), false];
    answers.forEach((answer) => void Promise.resolve(answer).catch(() => undefined));
    const isStillWanted = async (): Promise<boolean> => answers.shift() ?? false;
    const written = expect(
      store.write(key, source, options(10, { isStillWanted, lookIntervalMs: 0 })),
    ).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });

    for (const left of [2, 1, 0]) {
      source.write(randomBytes(1));
      await eventually(() => answers.length === left);
    }

    await written;
    expect(await incoming(key.fileId)).toEqual([]);
  });
});
