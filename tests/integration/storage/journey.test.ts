import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import { eventually } from '../../support/eventually.js';
import { aUser } from '../../support/subgraph-harness.js';
import { describeWithS3 } from '../../support/s3-server.js';
import {
  createUpload,
  sendBytes,
  startStorage,
  startStorageOnS3,
  storeFile,
  usageOf,
  type StorageHarness,
} from './storage-harness.js';

const completeMutation = 'mutation ($id: ID!) { completeUpload(fileId: $id) { id status sha256 size } }';
const deleteMutation = 'mutation ($id: ID!) { deleteFile(id: $id) { id status } }';

/** How many bytes of a file its URL gives. */
async function downloadedBytes(url: string): Promise<number> {
  const response = await fetch(url);
  const { byteLength } = await response.arrayBuffer();
  return response.ok ? byteLength : 0;
}

function journey(start: () => Promise<StorageHarness>): void {
  let harness: StorageHarness;
  const published: DomainEvent[] = [];

  beforeAll(async () => {
    harness = await start();
    harness.eventBus.subscribe({
      consumer: 'test',
      types: ['file.completed', 'file.deleted'],
      handle: async (event) => void published.push(event),
    });
  }, 60_000);

  afterAll(() => harness.stop(), 30_000);

  const aMember = () => aUser({ tenantId: randomUUID() });

  /** What was published about a file, once there is as much as expected. */
  async function announced(fileId: string, count: number): Promise<readonly DomainEvent[]> {
    const ofFile = () => published.filter(({ payload }) => payload['fileId'] === fileId);
    await eventually(() => ofFile().length >= count);
    return ofFile();
  }

  test('5 MB go up by the signed URL and come back byte by byte', async () => {
    const caller = aMember();
    const body = randomBytes(5 * 1024 ** 2);
    const { file, upload } = await createUpload(harness, caller, { size: body.length, name: 'film.bin' });
    const sent = await sendBytes(upload, body);
    const completed = await harness.request(caller, completeMutation, file);

    const read = await harness.request(
      caller,
      'query ($id: ID!) { file(id: $id) { name contentType status owner { id } downloadUrl } }',
      file,
    );
    const download = await fetch(read.data.file.downloadUrl);

    expect(file.status).toBe('PENDING');
    expect(sent.status).toBe(200);
    expect(completed.data.completeUpload).toEqual({
      id: file.id,
      status: 'READY',
      sha256: createHash('sha256').update(body).digest('hex'),
      size: body.length,
    });
    expect(read.data.file).toMatchObject({ name: 'film.bin', status: 'READY', owner: { id: caller.userId } });
    expect(Buffer.from(await download.arrayBuffer()).equals(body)).toBe(true);
    expect(await usageOf(harness, caller)).toEqual({ bytes: body.length, files: 1, quotaBytes: 1024 ** 3 });
  });

  test('an empty file goes up and comes back as one', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: new Uint8Array(0), contentType: 'text/plain' });

    const { data } = await harness.request(
      caller,
      'query ($id: ID!) { file(id: $id) { size sha256 status downloadUrl } }',
      { id },
    );
    const download = await fetch(data.file.downloadUrl);

    expect(data.file).toMatchObject({ size: 0, sha256: createHash('sha256').digest('hex'), status: 'READY' });
    expect([download.status, download.headers.get('content-type'), await download.text()]).toEqual([
      200,
      'text/plain',
      '',
    ]);
    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 0, files: 1 });
  });

  test('the upload URL of an empty file takes no bytes', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 0 });

    const sent = await sendBytes(upload, randomBytes(5));
    const completed = await harness.request(caller, completeMutation, file);

    expect(sent.ok).toBe(false);
    expect(completed.errors?.[0]?.extensions.code).toBe('PRECONDITION_FAILED');
  });

  test.each([
    ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
    ['Text/HTML;charset=UTF-8', 'text/html;charset=UTF-8'],
    ['video/webm; codecs="vp8,  opus"', 'video/webm; codecs="vp8, opus"'],
    ['audio/webm;codecs=opus', 'audio/webm;codecs=opus'],
    ['', 'application/octet-stream'],
  ])('a file whose browser says that it is of type %j comes back as %j', async (contentType, expected) => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(5), contentType });

    const { data } = await harness.request(caller, 'query ($id: ID!) { file(id: $id) { contentType downloadUrl } }', {
      id,
    });

    expect(data.file.contentType).toBe(expected);
    expect((await fetch(data.file.downloadUrl)).headers.get('content-type')).toBe(expected);
  });

  test('completing many times at once is completing once', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 10 });
    await sendBytes(upload, randomBytes(10));

    const answers = await Promise.all([1, 2, 3, 4].map(() => harness.request(caller, completeMutation, file)));
    const again = await harness.request(caller, completeMutation, file);

    const { id } = file;
    expect([...answers, again].map(({ data }) => data.completeUpload)).toEqual(
      Array.from({ length: 5 }, () => again.data.completeUpload),
    );
    expect(await announced(id, 1)).toEqual([
      expect.objectContaining({
        type: 'file.completed',
        tenantId: caller.tenantId,
        payload: expect.objectContaining({ fileId: id, ownerId: caller.userId, bytes: 10 }),
      }),
    ]);
  });

  test('a file cannot be completed, nor downloaded, before its bytes are there', async () => {
    const caller = aMember();
    const { file } = await createUpload(harness, caller, { size: 10 });

    const completed = await harness.request(caller, completeMutation, file);
    const read = await harness.request(caller, 'query ($id: ID!) { file(id: $id) { id downloadUrl } }', file);

    expect(completed.errors?.[0]?.extensions).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { expectedBytes: 10 },
    });
    expect(read).toEqual({ data: { file: { id: file.id, downloadUrl: null } } });
  });

  test('an upload that ends half-way leaves no object, and its space is free once it is deleted', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 1_000_000 });
    const sending = request(upload.url, {
      method: upload.method,
      headers: {
        ...Object.fromEntries(upload.headers.map(({ name, value }) => [name, value])),
        'content-length': '1000000',
      },
    });
    const closed = new Promise((resolve) => sending.once('close', resolve));
    sending.on('error', () => undefined);
    sending.write(randomBytes(500_000), () => sending.destroy());
    await closed;

    const completed = await harness.request(caller, completeMutation, file);
    const reserved = await usageOf(harness, caller);
    const deleted = await harness.request(caller, deleteMutation, file);

    expect(completed.errors?.[0]?.extensions.code).toBe('PRECONDITION_FAILED');
    expect(reserved).toMatchObject({ bytes: 1_000_000, files: 1 });
    expect(deleted.data.deleteFile.status).toBe('DELETED');
    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 0, files: 0 });
    expect(await announced(file.id, 0)).toEqual([]);
  });

  test('a file has the same URL for a while, so that browsers ask once for its bytes', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: Buffer.from('hello') });
    const query = 'query ($id: ID!) { file(id: $id) { downloadUrl } }';
    const askForUrl = async () => (await harness.request(caller, query, { id })).data.file.downloadUrl as string;
    const isNextSecond = (atMs: number) => () => Math.floor(Date.now() / 1_000) > Math.floor(atMs / 1_000);

    // Now and then a new URL is due just between the two.
    let url = '';
    await eventually(async () => {
      url = await askForUrl();
      await eventually(isNextSecond(Date.now()));
      return (await askForUrl()) === url;
    });

    expect(await (await fetch(url)).text()).toBe('hello');
  }, 30_000);

  test('a deleted file is gone, with its bytes, its space and its URLs', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: randomBytes(10) });
    const before = await harness.request(caller, 'query ($id: ID!) { file(id: $id) { downloadUrl } }', { id });
    const deleted = await harness.request(caller, deleteMutation, { id });
    const again = await harness.request(caller, deleteMutation, { id });

    const after = await harness.request(caller, 'query ($id: ID!) { file(id: $id) { id } files { totalCount } }', {
      id,
    });
    expect([deleted, again].map(({ data }) => data.deleteFile.status)).toEqual(['DELETED', 'DELETED']);
    expect(after.data).toEqual({ file: null, files: { totalCount: 0 } });
    expect(after.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    await eventually(async () => (await downloadedBytes(before.data.file.downloadUrl)) === 0);
    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 0, files: 0 });
    expect(await announced(id, 2)).toMatchObject([{ type: 'file.completed' }, { type: 'file.deleted' }]);
  });

  test('the upload URL of a deleted file brings no bytes any more', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 10 });
    await sendBytes(upload, randomBytes(10));
    await harness.request(caller, completeMutation, file);
    const query = 'query ($id: ID!) { file(id: $id) { downloadUrl(expiresInSeconds: 86400) } }';
    const { data } = await harness.request(caller, query, file);
    await harness.request(caller, deleteMutation, file);
    await eventually(async () => (await downloadedBytes(data.file.downloadUrl)) === 0);

    const again = await sendBytes(upload, randomBytes(10));

    expect(again.status).toBe(412);
    expect(await downloadedBytes(data.file.downloadUrl)).toBe(0);
  });

  test('a file that is deleted twice at once gives its space back once', async () => {
    const caller = aMember();
    await storeFile(harness, caller, { body: randomBytes(7) });
    const id = await storeFile(harness, caller, { body: randomBytes(10) });

    await Promise.all([1, 2, 3, 4].map(() => harness.request(caller, deleteMutation, { id })));

    expect(await usageOf(harness, caller)).toMatchObject({ bytes: 7, files: 1 });
  });
}

describe('a file on a file system', () => {
  journey(() => startStorage());
});

describeWithS3('a file on an S3 server', () => {
  journey(() => startStorageOnS3());
});
