import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ObjectKey, ObjectStore, UploadTarget } from '@tessera/storage/object-store/object-store';
import { eventually } from '../support/eventually.js';
import { openFileSystemStore, openS3Store, type OpenedStore } from '../support/object-stores.js';
import { describeWithS3 } from '../support/s3-server.js';

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1_000);

const aKey = (tenantId: string = randomUUID()): ObjectKey => ({ tenantId, fileId: randomUUID() });

interface Change {
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

function upload({ url, method, headers }: UploadTarget, change: Change & { readonly body: Uint8Array<ArrayBuffer> }) {
  const granted = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
  return fetch(url, { method, body: change.body, headers: { ...granted, ...change.headers } });
}

async function readBytes(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

function objectStoreContract(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: ObjectStore;

  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
  }, 30_000);

  afterAll(() => opened.close());

  async function storeObject(key: ObjectKey, body = randomBytes(5), contentType = 'text/plain'): Promise<Response> {
    const target = await store.createUploadTarget(key, {
      contentType,
      sizeBytes: body.length,
      expiresAt: inSeconds(60),
    });
    return upload(target, { body });
  }

  test('gives back 5 MB byte by byte, with their digest', async () => {
    const key = aKey();
    const body = randomBytes(5 * 1024 ** 2);
    const response = await storeObject(key, body, 'application/octet-stream');

    const url = await store.createDownloadUrl(key, {
      contentType: 'application/octet-stream',
      fileName: 'Bericht “größer”.bin',
      expiresAt: inSeconds(60),
    });
    const download = await fetch(url);

    expect(response.status).toBe(200);
    expect((await readBytes(download)).equals(body)).toBe(true);
    expect(download.headers.get('content-type')).toBe('application/octet-stream');
    expect(download.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''/,
    );
    expect(await store.sizeOf(key)).toBe(body.length);
    expect(await store.digest(key)).toEqual({
      sizeBytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
  });

  test('answers one range of an object', async () => {
    const key = aKey();
    await storeObject(key, Buffer.from('0123456789'));
    const url = await store.createDownloadUrl(key, {
      contentType: 'text/plain',
      fileName: 'a.txt',
      expiresAt: inSeconds(60),
    });

    const middle = await fetch(url, { headers: { range: 'bytes=2-4' } });
    const end = await fetch(url, { headers: { range: 'bytes=-3' } });
    const outside = await fetch(url, { headers: { range: 'bytes=10-' } });

    expect([middle.status, await middle.text(), middle.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    expect([end.status, await end.text()]).toEqual([206, '789']);
    expect(outside.status).toBe(416);
  });

  test('knows nothing of an object that was not uploaded', async () => {
    expect(await store.sizeOf(aKey())).toBeUndefined();
  });

  test('forgets a removed object, and does not mind removing it again', async () => {
    const key = aKey();
    await storeObject(key);
    const url = await store.createDownloadUrl(key, {
      contentType: 'text/plain',
      fileName: 'a.txt',
      expiresAt: inSeconds(60),
    });
    await store.remove(key);
    await store.remove(key);

    const download = await fetch(url);

    expect(download.status).toBe(404);
    expect(await store.sizeOf(key)).toBeUndefined();
  });

  test('never overwrites an object', async () => {
    const key = aKey();
    await storeObject(key, Buffer.from('first'));

    const second = await storeObject(key, Buffer.from('other'));

    expect([409, 412]).toContain(second.status);
    expect((await store.digest(key)).sha256).toBe(createHash('sha256').update('first').digest('hex'));
  });

  test('keeps one of many uploads of the same object at once', async () => {
    const key = aKey();

    const responses = await Promise.all(Array.from({ length: 8 }, () => storeObject(key, randomBytes(64 * 1024))));

    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test.each<[string, Change]>([
    ['a longer body', { body: new Uint8Array(6) }],
    ['a shorter body', { body: new Uint8Array(4) }],
    ['another content type', { headers: { 'content-type': 'text/html' } }],
  ])('refuses %s than was granted', async (_name, change) => {
    const key = aKey();
    const target = await store.createUploadTarget(key, {
      contentType: 'text/plain',
      sizeBytes: 5,
      expiresAt: inSeconds(60),
    });

    const response = await upload(target, { body: new Uint8Array(5), ...change });

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await store.sizeOf(key)).toBeUndefined();
  });

  test.each<[string, (url: URL) => void]>([
    ['its key', (url) => void (url.pathname = url.pathname.replace(/.$/, (last) => (last === '0' ? '1' : '0')))],
    ['its tenant', (url) => void (url.pathname = url.pathname.replace(/[^/]+(?=\/[^/]+$)/, randomUUID()))],
    ['its expiry', (url) => void url.searchParams.set(expiryOf(url), String(Math.floor(Date.now() / 1_000) + 9_999))],
    ['its signature', (url) => void url.searchParams.set(signatureOf(url), 'AAAA')],
    ['a further parameter', (url) => void url.searchParams.set('versionId', '1')],
  ])('refuses a URL after a change of %s', async (_name, change) => {
    const key = aKey();
    const target = await store.createUploadTarget(key, {
      contentType: 'text/plain',
      sizeBytes: 5,
      expiresAt: inSeconds(60),
    });
    const url = new URL(target.url);
    change(url);

    const response = await upload({ ...target, url: url.href }, { body: new Uint8Array(5) });

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await store.sizeOf(key)).toBeUndefined();
  });

  test('refuses a URL that has expired', async () => {
    const key = aKey();
    await storeObject(key);
    const grant = { contentType: 'text/plain', expiresAt: inSeconds(1) };
    const { url: uploadUrl } = await store.createUploadTarget(aKey(), { ...grant, sizeBytes: 5 });
    const downloadUrl = await store.createDownloadUrl(key, { ...grant, fileName: 'a.txt' });
    const statusOf = async (url: string, method: string) => (await fetch(url, { method })).status;

    await eventually(async () => (await statusOf(downloadUrl, 'GET')) === 403);
    await eventually(async () => (await statusOf(uploadUrl, 'PUT')) === 403);
  });

  test('does not let a download URL upload, nor an upload URL download', async () => {
    const [stored, absent] = [aKey(), aKey()];
    await storeObject(stored);
    const grant = { contentType: 'text/plain', expiresAt: inSeconds(60) };
    const downloadUrl = await store.createDownloadUrl(absent, { ...grant, fileName: 'a.txt' });
    const { url: uploadUrl } = await store.createUploadTarget(stored, { ...grant, sizeBytes: 5 });

    const put = await fetch(downloadUrl, { method: 'PUT', body: 'x', headers: { 'content-type': 'text/plain' } });
    const get = await fetch(uploadUrl);

    expect([400, 403]).toContain(put.status);
    expect([400, 403]).toContain(get.status);
  });

  test('refuses another file name or type than a download URL was made for', async () => {
    const key = aKey();
    await storeObject(key, Buffer.from('<svg/>'), 'image/svg+xml');
    const grant = { contentType: 'image/svg+xml', fileName: 'a.svg', expiresAt: inSeconds(60) };
    const url = await store.createDownloadUrl(key, grant);

    const answers = await Promise.all(
      [...new URL(url).searchParams.keys()].map((parameter) => {
        const changed = new URL(url);
        changed.searchParams.set(parameter, 'inline');
        return fetch(changed);
      }),
    );

    expect(answers.map(({ status }) => status).filter((status) => status < 400)).toEqual([]);
  });

  test('keeps tenants apart whose ids begin alike', async () => {
    const tenantId = randomUUID();
    const neighbour = tenantId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const fileId = randomUUID();
    await storeObject({ tenantId, fileId });

    expect(await store.sizeOf({ tenantId: neighbour, fileId })).toBeUndefined();
  });

  test.each(['..', '../..', 'a/b', '', '%2e%2e', randomUUID().slice(0, -1), `${randomUUID()}0`])(
    'takes no part of a path for an id: %j',
    async (id) => {
      const keys = [
        { tenantId: id, fileId: randomUUID() },
        { tenantId: randomUUID(), fileId: id },
      ];

      for (const key of keys) await expect(store.sizeOf(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  test('shows pictures in place, and lets browsers save what can carry script', async () => {
    const dispositions = await Promise.all(
      ['image/png', 'image/svg+xml', 'text/html', 'application/pdf'].map(async (contentType) => {
        const key = aKey();
        await storeObject(key, randomBytes(5), contentType);
        const url = await store.createDownloadUrl(key, { contentType, fileName: 'a', expiresAt: inSeconds(60) });
        return (await fetch(url)).headers.get('content-disposition')?.split(';')[0];
      }),
    );

    expect(dispositions).toEqual(['inline', 'attachment', 'attachment', 'attachment']);
  });

  test('lets browsers of any origin upload', async () => {
    const { url } = await store.createUploadTarget(aKey(), {
      contentType: 'text/plain',
      sizeBytes: 5,
      expiresAt: inSeconds(60),
    });

    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.org',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    });

    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/app\.example\.org)$/);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  });

  test('is found usable', async () => {
    await expect(store.check()).resolves.toBeUndefined();
  });
}

const expiryOf = (url: URL): string => (url.searchParams.has('expires') ? 'expires' : 'X-Amz-Expires');
const signatureOf = (url: URL): string => (url.searchParams.has('signature') ? 'signature' : 'X-Amz-Signature');

describe('object store on a file system', () => {
  objectStoreContract(() => openFileSystemStore());
});

describeWithS3('object store on an S3 server', () => {
  objectStoreContract(openS3Store);
});
