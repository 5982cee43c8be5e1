import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { openFileSystemStore, type OpenedFileSystemStore } from '../../support/object-stores.js';

let opened: OpenedFileSystemStore;

beforeAll(async () => {
  opened = await openFileSystemStore({ stallTimeoutMs: 1_500 });
});

afterAll(() => opened.close());

const contentType = 'application/octet-stream';
const inAMinute = () => new Date(Date.now() + 60_000);

describe('a client that keeps a connection busy', () => {
  test('by sending nothing any more is cut off, and leaves nothing', async () => {
    const key = { tenantId: randomUUID(), fileId: randomUUID() };
    const { url } = await opened.store.createUploadTarget(key, {
      contentType,
      sizeBytes: 1_000,
      expiresAt: inAMinute(),
    });
    const sending = request(url, {
      method: 'PUT',
      headers: { 'content-type': contentType, 'content-length': '1000' },
    });
    const ended = new Promise((resolve) => sending.once('close', resolve));
    sending.on('error', () => undefined);
    sending.write(randomBytes(500));

    await ended;

    expect(await opened.store.sizeOf(key)).toBeUndefined();
  });

  test('by reading nothing any more is cut off', async () => {
    const key = { tenantId: randomUUID(), fileId: randomUUID() };
    const sizeBytes = 32 * 1024 ** 2;
    await opened.store.write(key, Readable.from([Buffer.alloc(sizeBytes)], { objectMode: false }), {
      sizeBytes,
      stallTimeoutMs: 30_000,
      signal: AbortSignal.timeout(30_000),
      isStillWanted: async () => true,
    });
    const downloadUrl = await opened.store.createDownloadUrl(key, {
      contentType,
      fileName: 'a.bin',
      expiresAt: inAMinute(),
    });
    const reading = request(downloadUrl, { agent: false }).end();
    reading.on('error', () => undefined);
    const [response] = (await once(reading, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    response.once('data', () => response.pause());

    await eventually(async () => (await opened.openConnections()) === 0);

    expect(response.statusCode).toBe(200);
    expect(response.complete).toBe(false);
    reading.destroy();
  });
});
