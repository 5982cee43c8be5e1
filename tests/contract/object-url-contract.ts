import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ObjectStore } from '@tessera/storage/object-store/object-store';
import { eventually } from '../support/eventually.js';
import type { OpenedStore } from '../support/object-stores.js';
import { aKey, inSeconds, storeObject, upload, type Change } from './object-uploads.js';

/** What every object store refuses: URLs that are used otherwise than they were granted. */
export function objectUrlContract(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: ObjectStore;

  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
  }, 30_000);

  afterAll(() => opened.close());

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
    await storeObject(store, key);
    const grant = { contentType: 'text/plain', expiresAt: inSeconds(1) };
    const { url: uploadUrl } = await store.createUploadTarget(aKey(), { ...grant, sizeBytes: 5 });
    const downloadUrl = await store.createDownloadUrl(key, { ...grant, fileName: 'a.txt' });
    const statusOf = async (url: string, method: string) => (await fetch(url, { method })).status;

    await eventually(async () => (await statusOf(downloadUrl, 'GET')) === 403);
    await eventually(async () => (await statusOf(uploadUrl, 'PUT')) === 403);
  });

  test('makes the same download URL whenever it is made as of the same time, good until it expires', async () => {
    const key = aKey();
    await storeObject(store, key);
    const grant = { contentType: 'text/plain', fileName: 'a.txt', signedAt: inSeconds(-3_600) };
    const good = { ...grant, expiresAt: inSeconds(60) };

    const urls = [await store.createDownloadUrl(key, good)];
    const { headers } = await fetch(urls[0] ?? '');
    await eventually(async () => (await fetch(urls[0] ?? '')).headers.get('date') !== headers.get('date'));
    urls.push(await store.createDownloadUrl(key, good));
    const over = await store.createDownloadUrl(key, { ...grant, expiresAt: inSeconds(-60) });

    expect(urls[1]).toBe(urls[0]);
    expect((await fetch(urls[1] ?? '')).status).toBe(200);
    expect((await fetch(over)).status).toBe(403);
  });

  test('does not let a download URL upload, nor an upload URL download', async () => {
    const [stored, absent] = [aKey(), aKey()];
    await storeObject(store, stored);
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
    await storeObject(store, key, Buffer.from('<svg/>'), 'image/svg+xml');
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
}

const expiryOf = (url: URL): string => (url.searchParams.has('expires') ? 'expires' : 'X-Amz-Expires');
const signatureOf = (url: URL): string => (url.searchParams.has('signature') ? 'signature' : 'X-Amz-Signature');
